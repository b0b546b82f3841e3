"""Whether errors have become more frequent, seen row by row: HDDM_A, a test by Hoeffding's inequality."""

import numpy as np
from numpy.typing import NDArray

CHANCE = 0.001  # of a false alarm at one row, as the test's authors have it


def find_rise(errors: NDArray[np.float64]) -> int | None:
    """Find the first row at which errors, each between 0 and 1, are more frequent than they were before.

    >>> find_rise(np.repeat([0.0, 1.0], 50))
    54
    """
    rows = np.arange(1, len(errors) + 1)
    means = np.cumsum(errors) / rows
    # The cut lies where the mean, and what it could have been by chance, was lowest so far.
    highest = means + np.sqrt(np.log(1 / CHANCE) / (2 * rows))
    cut = _find_lowest(highest)
    since = (rows - rows[cut]) / (rows[cut] * rows)
    risen = means - means[cut] > np.sqrt(since / 2 * np.log(2 / CHANCE))
    return int(risen.argmax()) if risen.any() else None


def _find_lowest(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Find the place of the lowest value up to each one; of equal ones the last."""
    lowest = np.minimum.accumulate(values)
    return np.maximum.accumulate(np.where(values == lowest, np.arange(len(values)), 0))
