"""Fits a model, and predicts with it."""
