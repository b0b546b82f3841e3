"""A room of the toy."""
