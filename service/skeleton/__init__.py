"""Tells in the morning how many units of each product will be sold on the day: say here what your project tells."""
