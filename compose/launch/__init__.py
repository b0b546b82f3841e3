"""The launcher: `python -m compose.launch VERB`, with Python's own library alone."""
