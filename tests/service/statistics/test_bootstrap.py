"""The bootstrap keeps its word: few false alarms on equal models, most real gains found."""

import numpy as np
import pandas as pd
import pytest

from bench.measurements.bootstrap import draw_differences as draw_noise
from service.statistics.bootstrap import block_bootstrap


def draw_differences(count: int, rows: int, *, gain: float = 0.0) -> list[pd.Series]:
    draws = np.random.default_rng(11)
    noise = draws.normal(size=(count, rows + 50))
    for place in range(1, rows + 50):
        noise[:, place] += 0.3 * noise[:, place - 1]
    return [pd.Series(line[50:] - gain) for line in noise]


def share_below(differences: list[pd.Series], level: float = 0.05) -> float:
    return float(np.mean([block_bootstrap(one, draws=400).p_value < level for one in differences]))


def test_equal_models_are_rarely_told_apart() -> None:
    assert 0.02 < share_below(draw_differences(400, 540)) < 0.09


@pytest.mark.parametrize("noise", ["white noise", "AR(0.6)", "right-skewed"])
def test_on_few_rows_equal_models_are_rarely_told_apart_either(noise: str) -> None:
    differences = [pd.Series(trial) for trial in draw_noise(noise, 400, 60)]
    assert share_below(differences) < 0.085  # 6 % and two standard errors; plain blocks had 10 to 18 %


def test_a_real_gain_is_found() -> None:
    assert share_below(draw_differences(200, 540, gain=0.2)) > 0.9


def test_a_loss_is_no_gain() -> None:
    found = block_bootstrap(pd.Series([1.0, 2.0] * 40))
    assert found.p_value == 1.0
    assert found.mean == pytest.approx(1.5)


def test_same_seed_same_answer() -> None:
    one = draw_differences(1, 84)[0]
    assert block_bootstrap(one, seed=3) == block_bootstrap(one, seed=3) != block_bootstrap(one, seed=4)


def test_upper_bound_stands_above_the_mean() -> None:
    one = draw_differences(1, 540)[0]
    found = block_bootstrap(one)
    assert found.mean < found.upper95 < found.mean + 0.3


@pytest.mark.parametrize("values", [[], [np.nan]])
def test_nothing_proves_nothing(values: list[float]) -> None:
    found = block_bootstrap(pd.Series(values, dtype=float))
    assert (found.p_value, found.rows) == (1.0, 0)


def test_fewer_rows_than_a_block() -> None:
    assert block_bootstrap(pd.Series([-1.0, -2.0, -1.5])).rows == 3


def test_missing_rows_do_not_count() -> None:
    assert block_bootstrap(pd.Series([-1.0, np.nan, -2.0])).mean == -1.5
