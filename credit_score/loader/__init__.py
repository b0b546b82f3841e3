"""Reads the source tables and makes practice data for them."""
