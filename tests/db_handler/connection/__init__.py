"""Tests of the room that holds all SQL."""
