"""What the platform remembers: runs, models, metrics, decisions, locks."""
