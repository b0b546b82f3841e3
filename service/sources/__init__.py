"""What fills a project's source tables: the rows of a file, or practice data."""
