"""From raw texts to model rows."""
