"""Tells whether a person earns over 50K a year, as the census of 1994 would have counted it."""
