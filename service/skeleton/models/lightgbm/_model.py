"""The keys of the model: a config sets them, and so does each entry of its grid."""

from service import spec
from service.spec import Count, Positive


class TreesModel(spec.Model):
    """Trees of LightGBM."""

    trees: Count = 150
    leaves: Count = 7
    learning_rate: Positive = 0.1
