"""Reads from outside, and makes practice data."""
