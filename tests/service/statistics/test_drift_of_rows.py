"""Rows that stand by themselves: the newest ones, and their errors, show a change soon and none where there is none."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from service.statistics.rising_errors import find_rise
from service.statistics.strange_rows import FARTHEST, NEWEST, measure_strangeness, prepare_cloud

SEEDS = range(30)
COLUMNS = ("age", "income", "job", "hours")
CHANGE, END = 60, 72


def invent_rows(draws: np.random.Generator, count: int, moved: str = "") -> pd.DataFrame:
    """Invent applicants: two numbers that go together, one with a long tail, and a category."""
    age = draws.normal(40 + 50 * (moved == "age"), 10, count)
    job = draws.choice(["clerk", "smith", "judge"], count, p=[0.6, 0.35, 0.05])
    hours = draws.lognormal(3 + 1.5 * (moved == "hours"), 0.4, count)
    return pd.DataFrame({"age": age, "income": 3 * age + draws.normal(0, 8, count), "job": job, "hours": hours})


def find_strange(seed: int, moved: str) -> int | None:
    """Find the first row of a stream at which its newest rows lie too far from the sample."""
    draws = np.random.default_rng(seed)
    cloud = prepare_cloud(invent_rows(draws, 1000), COLUMNS)
    assert cloud is not None
    stream = pd.concat([invent_rows(draws, CHANGE), invent_rows(draws, END - CHANGE, moved)], ignore_index=True)
    places = range(NEWEST, END)
    return next((at for at in places if measure_strangeness(cloud, stream.head(at)) > FARTHEST), None)


@pytest.mark.parametrize("moved", ["age", "hours"])
def test_a_change_is_seen_within_a_few_rows_and_none_is_called_before(moved: str) -> None:
    found = np.array([find_strange(seed, moved) or -1 for seed in SEEDS])
    assert ((found > CHANGE) & (found <= CHANGE + 11)).all(), found


def test_what_is_missing_or_never_met_is_compared_all_the_same() -> None:
    rows = invent_rows(np.random.default_rng(1), 1000)
    cloud = prepare_cloud(rows, COLUMNS)
    assert cloud is not None
    missing = rows.tail(10).assign(age=np.nan)
    assert measure_strangeness(cloud, missing) < FARTHEST
    assert measure_strangeness(cloud, rows.tail(10).assign(job="never met")) > 0
    assert prepare_cloud(rows.head(20), COLUMNS) is None
    assert prepare_cloud(rows, ()) is None


def throw(seed: int, *parts: tuple[int, float]) -> NDArray[Any]:
    draws = np.random.default_rng(seed)
    return np.concatenate([draws.random(rows) < share for rows, share in parts]).astype(float)


def test_errors_that_become_more_frequent_are_seen() -> None:
    found = np.array([find_rise(throw(seed, (1000, 0.3), (200, 0.7))) or -1 for seed in SEEDS])
    assert ((found > 1000) & (found < 1080)).sum() >= 29, found  # one chance alarm in a hundred thousand rows
    assert sum(find_rise(throw(seed, (1200, 0.3))) is not None for seed in SEEDS) <= 1
    assert find_rise(throw(1, (1000, 0.7), (200, 0.3))) is None
    assert find_rise(np.empty(0)) is None
