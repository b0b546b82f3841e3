"""Fits CatBoost to scaled numbers and categories, and the naive rules to the rows as they are."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from credit_score.preprocessor.feature_engineering import count_days
from credit_score.preprocessor.transformation import fit_scaler, scale_rows
from service.spec import Spec
from service.tabular.models.booster import fit_booster, predict_booster
from service.tabular.models.rules import fit_rules, predict_rules

Model = dict[str, Any]
DAY = "day"  # lets trees split by time; rows newer than the training count as its last day


def fit_model(spec: Spec, rows: pd.DataFrame, record: Callable[..., None]) -> Model:  # noqa: ARG001  # one fit, no trials
    """Fit scaler, booster and rules on the same rows."""
    dated = rows.assign(**{DAY: count_days(rows["moment"])})
    columns = (*spec.features.columns, DAY)
    scaler = fit_scaler(dated, [name for name in columns if name not in spec.features.categories])
    widened = replace(spec, features=spec.features.model_copy(update={"columns": columns}))
    booster = fit_booster(widened, scale_rows(scaler, dated))
    return {"scaler": scaler, "booster": booster, "rules": fit_rules(spec, rows)}


def predict_rows(model: Mapping[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict the odds of poor, standard and good for each row, by the model and by each rule."""
    dated = rows.assign(**{DAY: count_days(rows["moment"])})
    predicted = predict_booster(model["booster"], scale_rows(model["scaler"], dated))
    return predicted.join(predict_rules(model["rules"], rows))
