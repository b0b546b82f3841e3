"""A project with source tables, to test import and generate with: orders that somebody sends back or keeps."""
