"""Tests that need containers."""
