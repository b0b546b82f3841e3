"""Fits CatBoost, and the naive rules to the same rows."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from service.spec import Spec
from service.tabular.models.booster import fit_booster, predict_booster
from service.tabular.models.rules import fit_rules, predict_rules


def fit_model(spec: Spec, rows: pd.DataFrame, record: Callable[..., None]) -> dict[str, Any]:  # noqa: ARG001
    """Fit both on the same rows; a model may hold plain values, arrays, and what the guideline lists."""
    return {"booster": fit_booster(spec, rows), "rules": fit_rules(spec, rows)}


def predict_rows(model: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict each row, every naive rule beside it."""
    return predict_booster(model["booster"], rows).join(predict_rules(model["rules"], rows))
