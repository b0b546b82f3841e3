"""Fits LightGBM, and the naive rules to the same rows."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from service.spec import Spec
from service.tabular.models.estimator import fit_estimator, predict_estimator
from service.tabular.models.rules import fit_rules, predict_rules


def fit_model(spec: Spec, rows: pd.DataFrame, record: Callable[..., None]) -> dict[str, Any]:  # noqa: ARG001
    """Fit both on the same rows; a model may hold plain values, arrays, and what the guideline lists."""
    return {"trees": fit_estimator(spec, rows, lambda _: make_trees(spec)), "rules": fit_rules(spec, rows)}


def predict_rows(model: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict each row, every naive rule beside it."""
    return predict_estimator(model["trees"], rows).join(predict_rules(model["rules"], rows))


def make_trees(spec: Spec) -> Any:
    """Number the texts of each column, and grow trees; for classes take LGBMClassifier."""
    from lightgbm import LGBMRegressor
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OrdinalEncoder

    texts = list(spec.features.categories)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([("texts", encoder, texts)], remainder="passthrough", verbose_feature_names_out=False)
    trees = LGBMRegressor(
        n_estimators=spec.model.trees,
        num_leaves=spec.model.leaves,
        learning_rate=spec.model.learning_rate,
        random_state=spec.train.seed,
        deterministic=True,
        force_col_wise=True,
        n_jobs=2,
        verbose=-1,
    )
    return Pipeline([("columns", columns.set_output(transform="pandas")), ("trees", trees)])
