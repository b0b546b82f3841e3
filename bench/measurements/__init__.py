"""The measurements: one module for each kind of rows, and what only that kind needs."""
