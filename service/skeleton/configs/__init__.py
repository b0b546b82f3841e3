"""One file a config."""
