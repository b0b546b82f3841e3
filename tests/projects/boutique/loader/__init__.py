"""A room of the boutique."""
