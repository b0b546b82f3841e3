"""The database: where it is, how it is reached, and what its failures mean."""
