"""A new project from the skeleton."""
