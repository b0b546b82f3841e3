"""From raw rows to model rows."""
