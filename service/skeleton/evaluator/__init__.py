"""Scores predictions, and the naive rules beside them."""
