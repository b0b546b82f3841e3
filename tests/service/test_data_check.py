"""The step check: what is missing in a feature's rows, and what empty slots explain."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from service.data_check import find_missing

HORIZON = pd.Timedelta(hours=4)
SPEC: Any = SimpleNamespace(
    data=SimpleNamespace(slot="slot", target_slot="target_slot", horizon=HORIZON),
    features=SimpleNamespace(columns=("mean", "gone")),
)


def invent_rows(places: list[int]) -> pd.DataFrame:
    slots = pd.Timestamp("2025-01-01", tz="UTC") + np.array(places) * HORIZON
    return pd.DataFrame({"target_slot": slots, "mean": 1.0, "gone": 1.0})


@pytest.mark.parametrize(("step", "found"), [(1, 1), (2, 0)])
def test_a_missing_feature_is_a_problem_unless_slots_are_empty(step: int, found: int) -> None:
    rows = invent_rows(list(range(0, 42 * step, step)))
    assert find_missing(SPEC, rows) == {}
    rows.loc[rows.index[:30], "mean"] = np.nan
    assert len(find_missing(SPEC, rows)) == found


def test_a_few_holes_explain_nothing() -> None:
    rows = invent_rows([place for place in range(48) if place % 8]).drop(columns="gone")
    assert list(find_missing(SPEC, rows).values()) == ["gone is missing in 100% of the newest 42 rows"]
