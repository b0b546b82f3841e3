"""Binds the project to the platform."""
