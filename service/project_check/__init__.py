"""What is missing or wrong in a project, found in its files."""
