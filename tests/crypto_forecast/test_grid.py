"""Windows over slots, against the plainest way to say what they are."""

import numpy as np
import pytest

from crypto_forecast.preprocessor.grid import Floats, average_window, fade_window, rank_window, shift_slots


@pytest.fixture(params=[0.0, 0.2, 0.6])
def values(request: pytest.FixtureRequest) -> Floats:
    draws = np.random.default_rng(3)
    values = draws.normal(-4, 1, 200)
    values[draws.random(200) < request.param] = np.nan
    return values


@pytest.mark.parametrize(("width", "step"), [(1, 1), (6, 1), (7, 6), (42, 1)])
def test_mean_takes_what_is_there_if_half_is(values: Floats, width: int, step: int) -> None:
    found = average_window(values, width, step=step)
    for place in range(len(values)):
        window = [values[place - back * step] for back in range(width) if place >= back * step]
        there = [value for value in window if np.isfinite(value)]
        expected = np.mean(there) if 2 * len(there) >= width else np.nan
        np.testing.assert_allclose(found[place], expected, atol=1e-12)


def test_fading_mean_is_cut_and_renormalised(values: Floats) -> None:
    found = fade_window(values, span=12, lookback=30)
    for place in np.flatnonzero(np.isfinite(values)):
        window = values[max(place - 29, 0) : place + 1][::-1]
        weights = (1 - 2 / 13) ** np.arange(len(window)) * np.isfinite(window)
        np.testing.assert_allclose(found[place], np.nansum(weights * window) / weights.sum(), atol=1e-12)


def test_rank_counts_what_is_there(values: Floats) -> None:
    found = rank_window(values, 20, 0.8)
    for place in range(19, len(values)):
        window = values[place - 19 : place + 1]
        there = window[np.isfinite(window)]
        expected = np.quantile(there, 0.8) if len(there) >= 10 else np.nan
        np.testing.assert_allclose(found[place], expected, atol=1e-12)


def test_windows_longer_than_the_stretch_give_nothing() -> None:
    three = np.array([1.0, 2.0, 3.0])
    assert np.isnan(average_window(three, 42)).all()
    assert np.isnan(shift_slots(three, 5)).all()
    np.testing.assert_allclose(fade_window(three, 1, 120), three)


def test_a_million_slots_do_not_drift() -> None:
    values = np.random.default_rng(0).normal(-4, 1, 1_000_000)
    tail = slice(-500, None)
    assert np.array_equal(average_window(values, 42)[tail], average_window(values[-700:], 42)[tail])
    np.testing.assert_allclose(
        fade_window(values, 12, 120)[tail], fade_window(values[-700:], 12, 120)[tail], rtol=0, atol=1e-12
    )
