"""Any estimator with scikit-learn's `fit` and `predict` on the features of a config, for a number or for classes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from service.spec import Spec
from service.spec.targets import name_columns

MISSING = "(missing)"  # a missing text is a category like the others
FAMILY = "predicted"


def fit_estimator(spec: Spec, rows: pd.DataFrame, make: Callable[[list[int]], Any], **options: Any) -> dict[str, Any]:
    """Fit the estimator that `make` makes for the classes of the rows; plain values say how to read other rows.

    Rows of one class only need no estimator: that class is the answer. `options` go to its `fit`.

    >>> fit_estimator(spec, rows, lambda classes: make_pipeline(OneHotEncoder(), LogisticRegression()))
    """
    columns, categories, classes = list(spec.features.columns), list(spec.features.categories), list(spec.data.classes)
    shape = {"columns": columns, "categories": categories, "classes": classes, "names": name_columns(spec.data, FAMILY)}
    target = rows[spec.data.target].to_numpy(float)
    codes = sorted({int(code) for code in target}) if classes else []
    if classes and len(codes) < 2:
        return {**shape, "met": codes, "estimator": None}
    estimator = make(codes).fit(lay_out(shape, rows), target.astype(int) if classes else target, **options)
    return {**shape, "met": codes, "estimator": estimator}


def predict_estimator(fitted: dict[str, Any], rows: pd.DataFrame, **options: Any) -> pd.DataFrame:
    """Predict rows: the number, or the odds of each class and the code of the likeliest; `options` go to `predict`."""
    names, codes, estimator = fitted["names"], fitted["met"], fitted["estimator"]
    if not fitted["classes"]:
        numbers = estimator.predict(lay_out(fitted, rows), **options) if len(rows) else np.empty(0)
        return pd.DataFrame({FAMILY: numbers}, index=rows.index)
    odds = np.zeros((len(rows), len(names)))
    if estimator is None:
        odds[:, codes] = 1.0
    elif len(rows):
        odds[:, codes] = estimator.predict_proba(lay_out(fitted, rows), **options)
    predicted = pd.DataFrame(odds, columns=names, index=rows.index)
    return predicted.assign(**{FAMILY: odds.argmax(axis=1).astype(float)})


def lay_out(shape: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Lay out the columns that the estimator reads: numbers with gaps, and texts without."""
    texts = {column: rows[column].astype(object).where(rows[column].notna(), MISSING) for column in shape["categories"]}
    return pd.DataFrame(
        {column: texts[column] if column in texts else rows[column].to_numpy(float) for column in shape["columns"]},
        index=rows.index,
    )
