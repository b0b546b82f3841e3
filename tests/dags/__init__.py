"""Tests of the workflows as Airflow sees them, and of what they do with a project's answers."""
