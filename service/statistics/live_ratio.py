"""The live ratio with its interval: the model's loss over the baseline's, neighbours drawn together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

DRAWS = 1000


@dataclass(frozen=True)
class Ratio:
    """A ratio of two mean losses and the interval that holds it nine times out of ten."""

    value: float
    low: float
    high: float


def measure_ratio(loss: pd.Series, baseline_loss: pd.Series, *, block: int, seed: int) -> Ratio:
    """Measure the ratio of paired losses.

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
