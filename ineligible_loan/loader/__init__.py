"""Reads from outside."""
