"""The secondary figure: how probable it is that the next candle closes higher, by a linear model of plain numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crypto_forecast.preprocessor.transformation import fit_scaler, scale_rows
from crypto_forecast.trainer.rules import solve_squares

SURE = 0.99  # a linear probability may leave the unit interval, a forecast may not


def fit_direction(rows: pd.DataFrame, columns: Sequence[str]) -> dict[str, Any]:
    """Fit the sign of the next return by least squares; the next candle that stands still counts half."""
    labelled = rows.dropna(subset=["target_return"])
    scaler = fit_scaler(labelled, columns)
    inputs = np.column_stack([np.ones(len(labelled)), scale_rows(scaler, labelled)])
    rose = (np.sign(labelled["target_return"].to_numpy(float)) + 1) / 2
    return {"scaler": scaler, "weights": solve_squares(inputs, rose)}


def predict_direction(direction: dict[str, Any], rows: pd.DataFrame) -> NDArray[np.float64]:
    """Give the probability of a higher close."""
    weights = np.asarray(direction["weights"])
    rising = weights[0] + scale_rows(direction["scaler"], rows) @ weights[1:]
    return np.asarray(np.clip(rising, 1 - SURE, SURE))


def reverse_last(rows: pd.DataFrame) -> pd.Series:
    """The rule beside which direction is always scored: the opposite of the last return."""
    return pd.Series((1 - np.sign(rows["return_1"].to_numpy(float))) / 2, index=rows.index)
