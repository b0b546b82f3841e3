"""The keys that only credit_score has."""

from service import spec


class Features(spec.Features):
    """Columns whose numbers are missing where they are beyond what can be true."""

    bounds: dict[str, tuple[float, float]]
