"""The keys of the model: a config sets them, and so does each entry of its grid."""

from service import spec
from service.spec import Positive


class LineModel(spec.Model):
    """A line through scaled numbers."""

    alpha: Positive = 1.0  # the larger, the flatter the line
