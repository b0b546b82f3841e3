"""Fits the rules and the trees."""

from typing import Any

import pandas as pd

from service.tabular.models.booster import fit_booster, predict_booster
from service.tabular.models.rules import fit_rules, predict_rules


def fit_model(spec: Any, rows: pd.DataFrame, record: Any) -> dict[str, Any]:
    return {"rules": fit_rules(spec, rows), "booster": fit_booster(spec, rows)}


def predict_rows(model: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    return predict_booster(model["booster"], rows).join(predict_rules(model["rules"], rows))
