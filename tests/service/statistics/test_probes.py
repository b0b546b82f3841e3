"""Each probe fires on the leak it is for, and stays silent without."""

import numpy as np
import pandas as pd
import pytest

from service.statistics.probes import TOO_LITTLE, probe_copies, probe_history, probe_permuted, probe_too_good
from service.statistics.scores import score_numbers


@pytest.fixture
def rows() -> pd.DataFrame:
    draws = np.random.default_rng(5)
    feature = draws.normal(size=600)
    return pd.DataFrame({"key": range(600), "feature": feature, "target": feature + draws.normal(size=600)})


def fit_line(seen: pd.DataFrame) -> float:
    return float(np.polyfit(seen["feature"], seen["target"], 1)[0])


def measure_r2(rows: pd.DataFrame, predicted: pd.Series) -> float:
    return score_numbers(rows["target"], predicted)["r2"]


def test_honest_skill_vanishes_with_permuted_labels(rows: pd.DataFrame) -> None:
    found = probe_permuted(
        rows.head(400),
        rows.tail(200),
        target="target",
        fit=fit_line,
        measure=lambda m, r: measure_r2(r, m * r["feature"]),
        seed=1,
    )
    assert found is None


def test_a_model_that_sees_its_labels_is_found(rows: pd.DataFrame) -> None:
    found = probe_permuted(
        rows.head(400),
        rows.tail(200),
        target="target",
        fit=fit_line,
        measure=lambda _, r: measure_r2(r, 0.9 * r["target"]),
        seed=1,
    )
    assert "leaks" in str(found)


def test_too_good_is_doubted() -> None:
    assert probe_too_good("R2", 0.5, 0.8) is None
    assert probe_too_good("R2", float("nan"), 0.8) == "too little to look at for R2: the truth never varies"
    assert probe_too_good("R2", 0.95, 0.8) == "R2 0.95 is too good to be true (above 0.8): look for a leak"


def test_a_feature_that_changes_with_the_future_is_found(rows: pd.DataFrame) -> None:
    leaky = rows.assign(feature=rows["feature"].iloc[::-1].cumsum())
    cut = rows.head(100).assign(feature=rows["feature"].head(100).iloc[::-1].cumsum()).tail(1)
    assert "feature at 99" in str(probe_history(leaky, cut, key="key", columns=["feature"]))
    assert probe_history(rows, rows.head(100).tail(1), key="key", columns=["feature"]) is None


def test_missing_equals_missing(rows: pd.DataFrame) -> None:
    none = rows.assign(feature=np.nan)
    assert probe_history(none, none.tail(1), key="key", columns=["feature"]) is None


def test_what_has_too_little_to_look_at_says_so(rows: pd.DataFrame) -> None:
    few = {"target": "target", "fit": fit_line, "measure": lambda m, r: measure_r2(r, m * r["feature"]), "seed": 1}
    assert str(probe_permuted(rows.head(400), rows.tail(29), **few)).startswith(TOO_LITTLE)
    assert str(probe_permuted(rows.head(29), rows.tail(200), **few)).startswith(TOO_LITTLE)
    assert str(probe_history(rows, rows.head(0), key="key", columns=["feature"])).startswith(TOO_LITTLE)


def test_rows_on_both_sides_are_found_and_those_that_are_alike_by_chance_are_not(rows: pd.DataFrame) -> None:
    seen, ahead = rows.head(400), rows.tail(200)
    copied = pd.concat([ahead, seen.head(60)])
    what = {"columns": ["feature"], "target": "target"}
    assert probe_copies(seen, copied, **what) == (
        "60 of 260 evaluated rows stand among the rows to learn from, too, with the same label"
    )
    assert probe_copies(seen, ahead, **what) is None
    other_labels = copied.assign(target=np.where(copied["key"] < 30, -1.0, copied["target"]))
    assert probe_copies(seen, other_labels, **what) is None
    coarse = rows.assign(feature=(rows["feature"] > 0).astype(float), target=(rows["feature"] > 0).astype(float))
    assert probe_copies(coarse.head(400), coarse.tail(200), **what) is None
