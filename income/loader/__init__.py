"""Reads requests and labels, and makes practice ones."""
