"""The interval of a number: stored beside each prediction, and held against what came."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from service.monitoring.score import score_predictions
from service.spec import Spec
from service.spec.load_spec import load_spec
from service.tabular.models.interval import add_interval, measure_interval
from tests.service.conftest import NAME


def test_it_holds_the_share_of_rows_that_is_asked_for(demand: Spec) -> None:
    draws = np.random.default_rng(7)
    rows = pd.DataFrame({"target": draws.normal(size=4000)})
    rows[demand.data.target_slot] = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(4000), unit="h")

    def predict(level: float, ahead: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"predicted": level}, index=ahead.index)

    shuffled = rows.sample(frac=1, random_state=7)
    low, high = measure_interval(demand, shuffled, lambda seen: float(seen["target"].mean()), predict)
    assert (low, high) == pytest.approx((-1.28, 1.28), abs=0.12)
    assert add_interval(predict(2.0, rows.head(1)), [low, high]).iloc[0].tolist() == [2.0, 2.0 + low, 2.0 + high]


def test_its_columns_are_declared_beside_the_prediction(demand: Spec, tmp_path: Path) -> None:
    assert "predicted_low" not in demand.data.predictions.columns
    file = tmp_path / "tree" / NAME / "configs" / "daily.py"
    file.write_text(file.read_text().replace('date="date",', 'date="date",\n        interval=True,'))
    importlib.reload(sys.modules[f"{NAME}.configs.daily"])
    data = load_spec(NAME, "daily").data
    assert {"predicted_low", "predicted_high"} <= data.predictions.columns.keys()
    assert "predicted_low" not in data.performance.columns


@pytest.mark.parametrize(("classes", "covered"), [((), [True, False]), (("low", "high"), None)])
def test_odds_of_a_class_that_is_called_low_are_no_interval(
    demand: Spec, classes: tuple[str, ...], covered: list[bool] | None
) -> None:
    data = SimpleNamespace(
        classes=classes, target="target", rules=("rule_prior",), performance=SimpleNamespace(columns=("id",))
    )
    odds = [f"{rule}_{name}" for rule in ("predicted", "rule_prior") for name in ("low", "high")]
    rows = pd.DataFrame({"id": [1, 2], "target": [0.0, 1.0], "predicted": 0.0, "rule_prior": 0.0})
    rows = rows.assign(**{**dict.fromkeys(odds, 0.5), "predicted_low": -0.5}, on_time=True, fallback=None)
    spec: Any = SimpleNamespace(data=data, monitoring=SimpleNamespace(baseline="rule_prior"))
    measured = SimpleNamespace(measure_loss=lambda truth, predicted: np.zeros(len(truth)))
    run: Any = SimpleNamespace(project=measured, at=pd.Timestamp("2025-01-01", tz="UTC"))
    scored = score_predictions(spec, run, rows)
    assert (scored["covered"].tolist() if "covered" in scored else None) == covered
