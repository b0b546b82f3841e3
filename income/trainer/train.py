"""Fits CatBoost and the naive rules to the same requests."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from service.spec import Spec
from service.tabular.models.booster import fit_booster, predict_booster
from service.tabular.models.rules import fit_rules, predict_rules

Model = dict[str, Any]
Record = Callable[[Mapping[str, Any], Mapping[str, float]], None]


def fit_model(spec: Spec, rows: pd.DataFrame, record: Record) -> Model:  # noqa: ARG001  # one fit has no trials
    """Fit booster and rules on the same rows; newer rows weigh more for the booster."""
    weights = weigh_rows(rows[spec.data.slot], spec.model.half_life_days)
    return {"booster": fit_booster(spec, rows, weights), "rules": fit_rules(spec, rows)}


def weigh_rows(moments: pd.Series, half_life_days: float) -> list[float]:
    """Let a row count half as much as one that is a half-life newer.

    >>> weigh_rows(pd.to_datetime(pd.Series(["2025-01-01", "2025-01-31"])), 30)
    [0.5, 1.0]
    """
    ages = (moments.max() - moments) / pd.Timedelta(days=half_life_days)
    return [0.5 ** float(age) for age in ages]


def predict_rows(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict the odds of low and high for each row, by the model and by each rule.

    Every row is answered. A missing number goes where CatBoost sent missing ones (below all others); a missing category
    is a category like the others; one that was never met in training gets the answer of an average one.
    """
    return predict_booster(model["booster"], rows).join(predict_rules(model["rules"], rows))
