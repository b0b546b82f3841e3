"""Tells a better model from a lucky one: a bootstrap of paired losses that keeps neighbours together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Bootstrap:
    """The result of the draws for a mean loss difference (ours minus theirs: below zero is better)."""

    mean: float
    p_value: float  # one-sided: how often chance would hide that there is no gain
    upper95: float
    rows: int


def block_bootstrap(loss_difference: pd.Series, *, block: int = 12, draws: int = 2000, seed: int = 7) -> Bootstrap:
    """Resample whole blocks (the ends of the series meet) and count how often the mean is not below zero.

    >>> block_bootstrap(pd.Series([-1.0, -2.0] * 30)).p_value < 0.05
    True
    """
    values = loss_difference.dropna().to_numpy(float)
    if not len(values):
        return Bootstrap(float("nan"), 1.0, float("inf"), 0)
    block = min(block, len(values))
    wrapped = np.concatenate([values, values[: block - 1]])
    means = np.lib.stride_tricks.sliding_window_view(wrapped, block).mean(axis=1)
    chosen = np.random.default_rng(seed).integers(0, len(values), size=(draws, -(-len(values) // block)))
    drawn = means[chosen].mean(axis=1)
    p_value = float((np.count_nonzero(drawn >= 0) + 1) / (draws + 1))
    return Bootstrap(float(values.mean()), p_value, float(np.quantile(drawn, 0.95)), len(values))
