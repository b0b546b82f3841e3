"""Some orders, for a second config."""

from boutique.configs import _boutique


class Data(_boutique.Data):
    """As all have it."""
