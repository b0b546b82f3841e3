"""The drift test keeps its word on slow series, and sees what moved."""

import numpy as np
import pandas as pd
import pytest

from service.statistics.drift import measure_drift, prepare_references


def slow_series(phi: float, n: int, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=n)
    series = np.empty(n)
    series[0] = noise[0] / np.sqrt(1 - phi**2)
    for i in range(1, n):
        series[i] = phi * series[i - 1] + noise[i]
    return series


def measure(series: np.ndarray, seed: int = 1) -> float:
    sample, window = pd.DataFrame({"x": series[:-180]}), pd.DataFrame({"x": series[-180:]})
    return measure_drift(prepare_references(sample, ("x",), window_rows=180, seed=seed), window)["x"]


@pytest.mark.parametrize("phi", [0.0, 0.9])
def test_without_drift_it_fires_about_as_often_as_it_says(phi: float) -> None:
    found = np.array([measure(slow_series(phi, 1260, seed)) for seed in range(60)])
    assert (found < 0.05).mean() < 0.15
    assert (found < 1e-4).mean() == 0


def test_a_shift_is_seen() -> None:
    series = slow_series(0.5, 1260, seed=3)
    series[-180:] += 4 * series.std()
    assert measure(series) < 1e-4


def test_of_a_slow_series_the_mean_shows_what_the_distribution_hides() -> None:
    """Measured: at 0.98 chance alone moves the distribution so far that a distance of one would be no surprise."""
    found = []
    for seed in range(20):
        series = slow_series(0.98, 1260, seed)
        series[-180:] += 4 * series.std()
        found.append(measure(series))
    assert (np.array(found) < 1e-4).sum() >= 6
    calm = [measure(slow_series(0.98, 1260, seed)) for seed in range(100, 160)]
    assert (np.array(calm) < 1e-4).sum() <= 1


def test_a_feature_that_can_not_show_drift_is_known() -> None:
    rows = pd.DataFrame(
        {"wanders": np.cumsum(np.random.default_rng(3).normal(size=1080)), "white": np.tile([0.0, 1.0, 3.0], 360)}
    )
    references = prepare_references(rows, ("wanders", "white"), window_rows=180, seed=1)
    assert references["wanders"].find_least_chance(180) > 1e-4
    assert references["white"].find_least_chance(180) < 1e-9


def test_what_can_not_be_compared_is_left_out() -> None:
    frame = pd.DataFrame({"constant": [1.0] * 600, "missing": [np.nan] * 600, "good": np.arange(600.0)})
    references = prepare_references(frame, ("constant", "missing", "good"), window_rows=180, seed=1)
    assert list(references) == ["good"]
    assert measure_drift(references, frame.iloc[:1]) == {}


def test_the_same_seed_gives_the_same_answer() -> None:
    series = slow_series(0.9, 1260, seed=5)
    assert measure(series) == measure(series)
