"""The fitted scaler (medians and interquartile ranges): part of the model, so that serving can't differ."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Scaler = dict[str, Any]


def fit_scaler(rows: pd.DataFrame, columns: Sequence[str]) -> Scaler:
    """Learn the median and the spread of each column; one that is always missing or the same keeps its values."""
    from sklearn.preprocessing import RobustScaler  # slow to import, and only a fit needs it

    numbers = rows[list(columns)]
    fitted = RobustScaler().fit(numbers.fillna(dict.fromkeys(numbers.columns[numbers.isna().all()], 0.0)).to_numpy())
    return {"columns": list(columns), "median": fitted.center_.tolist(), "iqr": fitted.scale_.tolist()}


def scale_rows(scaler: Scaler, rows: pd.DataFrame) -> pd.DataFrame:
    """Bring each column to median zero and spread one; missing values and other columns stay as they are."""
    numbers = rows[scaler["columns"]].to_numpy(float)
    scaled = (numbers - np.array(scaler["median"])) / np.array(scaler["iqr"])
    return rows.assign(**dict(zip(scaler["columns"], scaled.T, strict=True)))
