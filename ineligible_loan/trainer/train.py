"""Fits CatBoost and the naive rules to the same applications."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from service.spec import Spec
from service.tabular.models.booster import fit_booster, predict_booster
from service.tabular.models.rules import fit_rules, predict_rules

Record = Callable[[Mapping[str, Any], Mapping[str, float]], None]


def fit_model(spec: Spec, rows: pd.DataFrame, record: Record) -> dict[str, Any]:  # noqa: ARG001  # one fit, no trials
    """Fit booster and rules on the same rows."""
    return {"rules": fit_rules(spec, rows), "booster": fit_booster(spec, rows)}


def predict_rows(model: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict the odds of each class for each row, by the model and by each rule."""
    return predict_booster(model["booster"], rows).join(predict_rules(model["rules"], rows))
