"""The step check: what is missing in a feature's rows, and what empty slots explain."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from service.monitoring.check import find_missing

HORIZON = pd.Timedelta(hours=4)
SPEC: Any = SimpleNamespace(
    data=SimpleNamespace(slot="slot", target_slot="target_slot", horizon=HORIZON),
    features=SimpleNamespace(columns=("mean", "gone")),
)

NONE = pd.DataFrame(columns=["target_slot", "mean", "gone"])


def invent_rows(places: list[int]) -> pd.DataFrame:
    slots = pd.Timestamp("2025-01-01", tz="UTC") + np.array(places) * HORIZON
    return pd.DataFrame({"target_slot": slots, "mean": 1.0, "gone": 1.0})


@pytest.mark.parametrize(("step", "found"), [(1, 1), (2, 0)])
def test_a_missing_feature_is_a_problem_unless_slots_are_empty(step: int, found: int) -> None:
    rows = invent_rows(list(range(0, 42 * step, step)))
    assert find_missing(SPEC, rows, NONE) == {}
    rows.loc[rows.index[:30], "mean"] = np.nan
    assert len(find_missing(SPEC, rows, NONE)) == found


def test_a_few_holes_explain_nothing() -> None:
    rows = invent_rows([place for place in range(48) if place % 8]).drop(columns="gone")
    assert list(find_missing(SPEC, rows, NONE).values()) == ["gone is missing in 100% of the newest 42 rows"]


def test_what_was_always_mostly_missing_is_no_news() -> None:
    rows, before = invent_rows(list(range(420, 462))), invent_rows(list(range(420)))
    rows.loc[rows.index[:36], "mean"] = np.nan
    assert list(find_missing(SPEC, rows, before)) == ["mean"]
    before.loc[before.index[:300], "mean"] = np.nan
    assert find_missing(SPEC, rows, before) == {}
    rows["mean"] = np.nan
    assert list(find_missing(SPEC, rows, before)) == ["mean"]
