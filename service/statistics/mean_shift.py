"""Whether the mean of a series has moved, where neighbours are alike and few rows count as many."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

SLOWEST = 0.995  # a series that is slower has no mean to speak of
Floats = NDArray[np.float64]


def measure_mean_shift(before: Floats, mean_now: float, rows_now: int) -> float:
    """Give how often chance moves the mean of so many rows this far: a t test whose variance is that of an AR(1).

    >>> sample = np.random.default_rng(1).normal(size=1000)
    >>> measure_mean_shift(sample, 0.1, 180) > 0.05, measure_mean_shift(sample, 1.0, 180) < 1e-9
    (True, True)
    """
    own, now = (_measure_variance(before, rows) for rows in (len(before), rows_now))
    variance = before.var(ddof=1) / (
        1 - own
    )  # the rows of a slow series lie nearer to their own mean than to the true one
    distance = abs(mean_now - before.mean()) / np.sqrt(variance * (own + now))
    return float(2 * stdtr(max(1 / own - 1, 1), -distance))  # so many independent rows would be as good


def _measure_variance(before: Floats, rows: int) -> float:
    """Give the variance of the mean of so many rows of the series, as a share of the variance of one."""
    centred = before - before.mean()
    alike = float(centred[1:] @ centred[:-1] / (centred @ centred))
    alike = min(alike + (1 + 3 * alike) / len(before), SLOWEST)  # what an estimate from few rows misses, by Kendall
    apart = np.arange(1, rows)
    return float((1 + 2 * ((1 - apart / rows) * alike**apart).sum()) / rows)
