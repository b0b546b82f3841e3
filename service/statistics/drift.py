"""Drift of each feature against the champion's training sample, with tests whose p-values hold for slow series.

One looks at the whole distribution, one at the mean alone: of slow series it sees more.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.statistics.as_numbers import number_column
from service.statistics.mean_shift import measure_mean_shift

BLOCK = 60  # rows that move together: row by row a slow feature would look drifted at most checks
DRAWS = 400
EULER = 0.5772156649


@dataclass(frozen=True)
class Reference:
    """The sample of one feature, and the Gumbel that chance gives between it and a window of its own rows."""

    values: NDArray[np.float64]
    location: float
    scale: float
    shares: "pd.Series[float] | None" = None  # of a text: how frequent each category was in the sample

    def measure_chance(self, now: NDArray[np.float64]) -> float:
        """Give how often chance moves the feature as far, by the better of both tests."""
        distance = _read_tail(_compare(self.values, now), self)
        return min(1.0, 2 * min(distance, measure_mean_shift(self.values, float(now.mean()), len(now))))

    def find_least_chance(self, rows: int) -> float:
        """Give the least that can come out: that of a window which stays at one end of the sample."""
        return min(self.measure_chance(np.full(rows, end)) for end in (self.values.min(), self.values.max()))


def prepare_references(
    sample: pd.DataFrame, columns: tuple[str, ...], *, window_rows: int, seed: int
) -> dict[str, Reference]:
    """Find what chance gives for each feature; one that is constant or mostly missing is left out."""
    draws = np.random.default_rng(seed)
    numbered = {column: number_column(sample[column].dropna()) for column in columns}
    return {
        column: _prepare(values, window_rows, draws, shares)
        for column, (values, shares) in numbered.items()
        if len(values) >= 4 * BLOCK and np.ptp(values) > 0
    }


def measure_drift(references: dict[str, Reference], window: pd.DataFrame) -> dict[str, float]:
    """Give how often chance moves each feature as far from its reference as the window lies."""
    numbered = {
        column: number_column(window[column].dropna(), reference.shares)[0] for column, reference in references.items()
    }
    return {column: references[column].measure_chance(now) for column, now in numbered.items() if len(now) >= 2 * BLOCK}


def _compare(before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    marks = np.arange(len(before) + len(now)) >= len(before)
    return float(_measure_distances(np.concatenate([before, now]), marks[None, :])[0])


def _prepare(
    values: NDArray[np.float64], window_rows: int, draws: np.random.Generator, shares: "pd.Series[float] | None"
) -> Reference:
    # Chance is drawn from the sample alone: a drifted window would raise its own limit.
    chance = _measure_distances(values, _mark_blocks(len(values), window_rows, draws))
    scale = max(float(chance.std()) * np.sqrt(6) / np.pi, 1e-12)
    return Reference(values, float(chance.mean()) - EULER * scale, scale, shares)


def _measure_distances(values: NDArray[np.float64], is_now: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Measure the distance between the marked values and the others, for each row of marks."""
    order = np.argsort(values, kind="stable")
    ends = np.append(np.diff(values[order]) > 0, True)  # a distance counts only where a value ends, not among its ties
    now = is_now[:, order]
    n_now = int(now[0].sum())
    steps = np.where(now, 1 / n_now, -1 / (len(values) - n_now))
    return np.asarray(np.abs(np.cumsum(steps, axis=1))[:, ends].max(axis=1))


def _mark_blocks(n: int, n_now: int, draws: np.random.Generator) -> NDArray[np.bool_]:
    """Mark whole blocks of the sample as if they were the window, and start the blocks elsewhere each time."""
    marks = np.zeros((DRAWS, n), dtype=bool)
    n_now = min(n_now, n // 2)
    for row in marks:
        shift = int(draws.integers(BLOCK))
        starts = draws.permutation((n - shift) // BLOCK)[: -(-n_now // BLOCK)] * BLOCK + shift
        row[(starts[:, None] + np.arange(BLOCK)).ravel()[:n_now]] = True
    return marks


def _read_tail(distance: float, reference: Reference) -> float:
    """Extend the tail beyond the draws: a maximum of many is close to a Gumbel, and 1e-4 needs more than 400 draws."""
    return float(-np.expm1(-np.exp(-(distance - reference.location) / reference.scale)))
