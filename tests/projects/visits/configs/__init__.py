"""A room of the visits."""
