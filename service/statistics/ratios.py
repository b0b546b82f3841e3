"""The model's loss, by itself and over the baseline's: live with its interval, and what the evidence leads to expect.

A live window is too bad when its ratio lies beyond what the evidence says by more than chance, and by more than a
little: a limit that needs no tuning. With three standard errors one window in 700 is by chance, and the alarm wants two
of three.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

DRAWS = 1000
SURE = 3.0  # standard errors
LEAST = 0.05  # a smaller loss of skill is not worth a training
SURE_OF_LOSS = 4.0  # standard errors: a loss strays farther than a ratio, whose baseline strays with it


@dataclass(frozen=True)
class Ratio:
    """A ratio of two mean losses and the interval that holds it nine times out of ten."""

    value: float
    low: float
    high: float


def measure_ratio(loss: pd.Series, baseline_loss: pd.Series, *, block: int, seed: int) -> Ratio:
    """Measure the ratio of paired losses; neighbours are drawn together.

    >>> measure_ratio(pd.Series([1.0, 2.0]), pd.Series([2.0, 4.0]), block=1, seed=7).value
    0.5
    """
    ours, theirs = loss.to_numpy(float), baseline_loss.to_numpy(float)
    block = min(block, len(ours))
    draws = np.random.default_rng(seed)
    starts = draws.integers(0, len(ours), size=(DRAWS, -(-len(ours) // block)))
    chosen = ((starts[:, :, None] + np.arange(block)) % len(ours)).reshape(DRAWS, -1)
    below = theirs[chosen].sum(axis=1)
    drawn = ours[chosen].sum(axis=1)[below > 0] / below[below > 0]  # a draw without any loss has no ratio
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Ratio(float(ours.sum() / theirs.sum()), float(low), float(high))


@dataclass(frozen=True)
class Expected:
    """The ratio of the evidence, and how far one row's loss strays from it in mean losses of the baseline."""

    ratio: float
    spread: float
    rows: int
    sure: float = SURE

    def limit(self, rows: int) -> float:
        """Say which ratio a live window of so many rows may reach.

        >>> Expected(0.8, 0.5, 10_000).limit(10_000) > 0.8
        True
        """
        chance = self.sure * self.spread * float(np.sqrt(1 / rows + 1 / self.rows))
        return self.ratio + max(chance, LEAST * self.ratio)


def measure_expected_loss(evidence: pd.DataFrame, *, block: int) -> Expected | None:
    """Measure which loss of the model itself to expect: its ratio to a baseline that always loses one."""
    expected = measure_expected(evidence.assign(baseline_loss=1.0), block=block)
    return replace(expected, sure=SURE_OF_LOSS) if expected else None


def measure_expected(evidence: pd.DataFrame, *, block: int) -> Expected | None:
    """Measure what to expect from evidence rows (columns loss, baseline_loss); neighbours may stray together."""
    loss, baseline = evidence["loss"].to_numpy(float), evidence["baseline_loss"].to_numpy(float)
    blocks = len(evidence) // block
    if blocks < 2 or not baseline.sum() > 0:
        return None
    ratio = float(loss.sum() / baseline.sum())
    strays = (loss - ratio * baseline)[: blocks * block].reshape(blocks, block).mean(axis=1)
    spread = float(np.sqrt(block * strays.var(ddof=1)) / baseline.mean())
    return Expected(ratio, spread, len(evidence))
