"""How often the bootstrap of the gate calls equal models different, and how often it finds a gain."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import ttest_1samp

from bench.row import Row
from service.statistics.bootstrap import block_bootstrap

LEVEL, LARGEST_SIZE, PEER = 0.05, 6.0, "a paired t-test"
WARM_UP = 200  # rows before those that count, so that neighbours depend on each other from the first
GAINS = {60: 0.5, 84: 0.4, 126: 0.3, 540: 0.138}  # in standard deviations; at 540 a gain of 5 % of the loss
DEPENDENT = "AR(0.6)"
NOISES = ("white noise", DEPENDENT, "right-skewed")


def measure_bootstrap(tiny: bool) -> Iterator[Row]:
    """Count over equal models (size) and over better ones (power), for each number of rows and kind of noise."""
    for rows, gain in GAINS.items():
        for noise in NOISES:
            differences = draw_differences(noise, 20 if tiny else 10_000, rows)
            ours, theirs = share_below(differences)
            flaw = f"above {LARGEST_SIZE:g} %" if ours > LARGEST_SIZE else ""
            yield Row(f"equal models told apart: {rows} rows, {noise}", "% false", ours, PEER, theirs, flaw=flaw)
            gained = gain * (2 if noise == DEPENDENT else 1)
            ours, theirs = share_below(differences - gained)
            yield Row(f"a gain of {gained:g} sd found: {rows} rows, {noise}", "% found", ours, PEER, theirs)


def draw_differences(noise: str, trials: int, rows: int) -> NDArray[np.float64]:
    """Draw loss differences of mean 0 and standard deviation 1, one trial a line."""
    draws = np.random.default_rng(11)
    if noise == "right-skewed":
        return np.asarray((draws.lognormal(size=(trials, rows)) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e))
    white = draws.normal(size=(trials, rows + WARM_UP))
    follows = 0.6 if noise == DEPENDENT else 0.0
    return np.asarray(lfilter([np.sqrt(1 - follows**2)], [1, -follows], white, axis=1)[:, WARM_UP:])


def share_below(differences: NDArray[np.float64]) -> tuple[float, float]:
    """Give the share of trials below the level in percent, by the bootstrap and by the t-test."""
    ours = [block_bootstrap(pd.Series(trial)).p_value < LEVEL for trial in differences]
    theirs = ttest_1samp(differences, 0.0, axis=1, alternative="less").pvalue < LEVEL
    return 100 * float(np.mean(ours)), 100 * float(np.mean(theirs))
