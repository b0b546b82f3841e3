"""How often probation makes an equal champion fall, and how often a worse one."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ttest_1samp

from bench.measurements.bootstrap import DEPENDENT, NOISES, draw_differences
from bench.row import Row
from service.spec import Train
from service.statistics.looks import list_looks, measure_chance_of_worse

ROWS = (60, 120, 400)
TRIALS = 2000
MOST_FALSE = 1.0  # per cent
NOISE = 0.135  # standard deviation of a row's loss difference, as a share of the loss
LOSSES = (0.02, 0.05, 0.1)
DAILY, EVERY = "a t-test at 1 % a day", 6  # rows a day
FEWEST = 12  # rows of the first of these

Numbers = NDArray[np.float64]


def measure_probation(tiny: bool) -> Iterator[Row]:
    """Count falls over equal models and over worse ones."""
    trials = 10 if tiny else TRIALS
    for rows in ROWS:
        for noise in NOISES:
            ours, theirs = count_falls(-draw_differences(noise, trials, rows))
            flaw = f"above {MOST_FALSE:g} %" if ours > MOST_FALSE and not tiny else ""
            name = noise.replace("right", "left")  # a right tail of the other one's losses, which is the hard side
            yield Row(f"an equal champion falls: {rows} rows, {name}", "% false", ours, DAILY, theirs, flaw=flaw)
    rows = Train().probation_rows
    for loss in LOSSES:
        for noise in (NOISES[0], DEPENDENT):
            ours, theirs = count_falls(draw_differences(noise, trials // 5, rows) + loss / NOISE)
            yield Row(f"a champion {loss:.0%} worse falls: {rows} rows, {noise}", "% found", ours, DAILY, theirs)


def count_falls(differences: Numbers) -> tuple[float, float]:
    """Give the share of trials that fall in percent, by the looks and by a test each day."""
    ours = [falls(trial) for trial in differences]
    days = range(FEWEST, differences.shape[1] + 1, EVERY)
    tests = (ttest_1samp(differences[:, :day], 0.0, axis=1, alternative="greater") for day in days)
    theirs = np.stack([np.asarray(test.pvalue) for test in tests]).min(axis=0) < 0.01
    return 100 * float(np.mean(ours)), 100 * float(np.mean(theirs))


def falls(differences: Numbers) -> bool:
    """Say whether a champion falls whose losses are larger by so much than those of the one before, row by row."""
    train, series = Train(), pd.Series(differences)
    sizes = {"block": train.block, "draws": train.draws, "seed": train.seed}
    looks = list_looks(len(series))
    return any(measure_chance_of_worse(series.head(rows), **sizes) < limit for rows, limit in looks)
