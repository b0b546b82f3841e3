"""The live ratio and its interval."""

import numpy as np
import pandas as pd

from service.statistics.ratios import measure_ratio


def test_the_interval_holds_the_ratio_and_widens_with_neighbours_that_move_together() -> None:
    chance = np.random.default_rng(5)
    slow = pd.Series(np.repeat(chance.gamma(2, 1, 20), 6))
    baseline = pd.Series(chance.gamma(2, 1, 120))
    alone, together = (measure_ratio(slow, baseline, block=block, seed=7) for block in (1, 12))
    assert alone.low < alone.value < alone.high
    assert together.value == alone.value == float(slow.sum() / baseline.sum())
    assert together.high - together.low > alone.high - alone.low


def test_the_same_seed_gives_the_same_interval() -> None:
    loss, baseline = pd.Series([1.0, 2.0, 4.0]), pd.Series([2.0, 2.0, 3.0])
    assert measure_ratio(loss, baseline, block=2, seed=1) == measure_ratio(loss, baseline, block=2, seed=1)


def test_one_row_and_a_baseline_that_is_mostly_right_have_a_ratio() -> None:
    assert measure_ratio(pd.Series([3.0]), pd.Series([2.0]), block=12, seed=7).high == 1.5
    sparse = pd.Series([0.0] * 9 + [2.0])
    assert measure_ratio(pd.Series([1.0] * 10), sparse, block=1, seed=7).value == 5.0
