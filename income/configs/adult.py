"""Everybody who asks, in one unit."""

from income.configs import _income


class Data(_income.Data):
    """All requests."""
