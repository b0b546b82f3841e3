"""The stack in Docker."""
