"""CatBoost on the features of a config, for a number or for classes."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from service import spec as platform
from service.spec import Count, Positive, Spec
from service.spec.targets import name_columns

MISSING = "(missing)"  # a missing text is a category like the others
THREADS = 2  # the same on every host: the order of additions is part of the result
FAMILY = "predicted"


class BoosterModel(platform.Model):
    """The keys of CatBoost that a config may set, and its grid override."""

    iterations: Count = 150
    depth: Annotated[int, Field(ge=1, le=16)] = 4
    learning_rate: Positive = 0.1
    l2_leaf_reg: Positive = 3.0


KEYS = tuple(BoosterModel.__annotations__)


def fit_booster(spec: Spec, rows: pd.DataFrame, weights: Sequence[float] | None = None) -> dict[str, Any]:
    """Fit on the rows; plain values beside the trees say how to read other rows in the same way.

    Rows of one class only need no trees: that class is the answer.
    """
    columns, categories, classes = list(spec.features.columns), list(spec.features.categories), list(spec.data.classes)
    names = name_columns(spec.data, FAMILY)
    shape = {"columns": columns, "categories": categories, "classes": classes, "names": names}
    target = rows[spec.data.target].to_numpy(float)
    codes = sorted({int(code) for code in target}) if classes else []
    if classes and len(codes) < 2:
        return {**shape, "met": codes, "trees": None}
    labels = target.astype(int) if classes else target
    trees = _make_trees(spec, codes).fit(lay_out(shape, rows), labels, cat_features=categories, sample_weight=weights)
    return {**shape, "met": codes, "trees": trees}


def predict_booster(fitted: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows: the number, or the odds of each class and the code of the likeliest."""
    names, codes, trees = fitted["names"], fitted["met"], fitted["trees"]
    if not fitted["classes"]:
        numbers = trees.predict(lay_out(fitted, rows), thread_count=1) if len(rows) else np.empty(0)
        return pd.DataFrame({FAMILY: numbers}, index=rows.index)
    odds = np.zeros((len(rows), len(names)))
    if trees is None:
        odds[:, codes] = 1.0
    elif len(rows):
        odds[:, codes] = trees.predict_proba(lay_out(fitted, rows), thread_count=1)
    predicted = pd.DataFrame(odds, columns=names, index=rows.index)
    return predicted.assign(**{FAMILY: odds.argmax(axis=1).astype(float)})


def lay_out(shape: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Lay out the columns that CatBoost reads: numbers with gaps, and texts without."""
    texts = {column: rows[column].astype(object).where(rows[column].notna(), MISSING) for column in shape["categories"]}
    return pd.DataFrame(
        {column: texts[column] if column in texts else rows[column].to_numpy(float) for column in shape["columns"]},
        index=rows.index,
    )


def _make_trees(spec: Spec, codes: list[int]) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    keys = {key: getattr(spec.model, key) for key in KEYS}
    quiet = {"allow_writing_files": False, "verbose": False}
    options = {**keys, **quiet, "random_seed": spec.train.seed, "thread_count": THREADS}
    if not spec.data.classes:
        return CatBoostRegressor(**options)
    return CatBoostClassifier(**options, loss_function="Logloss" if len(codes) == 2 else "MultiClass")
