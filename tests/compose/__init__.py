"""Tests of the launcher: no Docker, no network."""
