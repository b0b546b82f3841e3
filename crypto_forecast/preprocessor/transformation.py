"""The fitted scaler: its numbers are part of the model, so that serving can't differ from training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def fit_scaler(rows: pd.DataFrame, columns: Sequence[str]) -> dict[str, Any]:
    """Learn the mean and the spread of each column; one that is always missing keeps zero and one."""
    numbers = rows[list(columns)].to_numpy(float)
    present = np.isfinite(numbers).any(axis=0)
    mean, spread = np.zeros(len(columns)), np.ones(len(columns))
    mean[present], spread[present] = np.nanmean(numbers[:, present], axis=0), np.nanstd(numbers[:, present], axis=0)
    return {"columns": list(columns), "mean": mean.tolist(), "spread": np.where(spread > 0, spread, 1.0).tolist()}


def scale_rows(scaler: dict[str, Any], rows: pd.DataFrame) -> NDArray[np.float64]:
    """Bring rows to mean zero and spread one; what is missing becomes the mean."""
    mean, spread = np.asarray(scaler["mean"]), np.asarray(scaler["spread"])
    scaled = (np.column_stack([rows[column].to_numpy(float) for column in scaler["columns"]]) - mean) / spread
    return np.where(np.isnan(scaled), 0.0, scaled)
