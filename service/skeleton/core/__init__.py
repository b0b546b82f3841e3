"""The table of contents: one step a file."""
