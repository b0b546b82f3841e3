"""The fitted scaler (medians and interquartile ranges): part of the model, so that serving can't differ."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Scaler = dict[str, Any]


def fit_scaler(rows: pd.DataFrame, columns: Sequence[str]) -> Scaler:
    """Learn the middle and the spread of each column; one that is never there, or always the same, keeps its values."""
    low, median, high = (rows[list(columns)].quantile(share).fillna(0.0) for share in (0.25, 0.5, 0.75))
    spread = (high - low).where(high > low, 1.0)
    return {"columns": list(columns), "median": median.tolist(), "iqr": spread.tolist()}


def scale_rows(scaler: Scaler, rows: pd.DataFrame) -> pd.DataFrame:
    """Bring each column to middle zero and spread one; what is missing stays missing, other columns as they are."""
    numbers = rows[scaler["columns"]].to_numpy(float)
    scaled = (numbers - np.array(scaler["median"])) / np.array(scaler["iqr"])
    return rows.assign(**dict(zip(scaler["columns"], scaled.T, strict=True)))
