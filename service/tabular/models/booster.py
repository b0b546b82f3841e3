"""CatBoost on the features of a config, for a number or for classes."""

from collections.abc import Sequence
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from service import spec as platform
from service.spec import Count, Positive, Spec
from service.tabular.models.estimator import fit_estimator, predict_estimator

THREADS = 2  # the same on every host: the order of additions is part of the result


class BoosterModel(platform.Model):
    """The keys of CatBoost that a config may set, and its grid override."""

    iterations: Count = 150
    depth: Annotated[int, Field(ge=1, le=16)] = 4
    learning_rate: Positive = 0.1
    l2_leaf_reg: Positive = 3.0


KEYS = tuple(BoosterModel.__annotations__)


def fit_booster(spec: Spec, rows: pd.DataFrame, weights: Sequence[float] | None = None) -> dict[str, Any]:
    """Fit on the rows, each with its weight."""
    options = {"cat_features": list(spec.features.categories), "sample_weight": weights}
    return fit_estimator(spec, rows, lambda classes: _make_trees(spec, classes), **options)


def predict_booster(fitted: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows on one thread, which a few rows take least time on."""
    return predict_estimator(fitted, rows, thread_count=1)


def _make_trees(spec: Spec, classes: list[int]) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    keys = {key: getattr(spec.model, key) for key in KEYS}
    quiet = {"allow_writing_files": False, "verbose": False}
    options = {**keys, **quiet, "random_seed": spec.train.seed, "thread_count": THREADS}
    if not spec.data.classes:
        return CatBoostRegressor(**options)
    return CatBoostClassifier(**options, loss_function="Logloss" if len(classes) == 2 else "MultiClass")
