"""Fits a pipeline of scikit-learn, and the naive rules to the same rows."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from service.spec import Spec
from service.tabular.models.estimator import fit_estimator, predict_estimator
from service.tabular.models.rules import fit_rules, predict_rules


def fit_model(spec: Spec, rows: pd.DataFrame, record: Callable[..., None]) -> dict[str, Any]:  # noqa: ARG001
    """Fit both on the same rows; a model may hold plain values, arrays, and what the guideline lists."""
    pipeline = fit_estimator(spec, rows, lambda _: make_pipeline(spec))
    return {"pipeline": pipeline, "rules": fit_rules(spec, rows)}


def predict_rows(model: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict each row, every naive rule beside it."""
    return predict_estimator(model["pipeline"], rows).join(predict_rules(model["rules"], rows))


def make_pipeline(spec: Spec) -> Any:
    """Scale the numbers, turn each text into columns of its own, fit a line; for classes take LogisticRegression."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    texts = list(spec.features.categories)
    numbers = [column for column in spec.features.columns if column not in texts]
    scaled = Pipeline([("gaps", SimpleImputer(keep_empty_features=True)), ("scale", StandardScaler())])
    encoded = OneHotEncoder(handle_unknown="ignore")
    columns = ColumnTransformer([("numbers", scaled, numbers), ("texts", encoded, texts)])
    return Pipeline([("columns", columns), ("line", Ridge(alpha=spec.model.alpha))])
