"""Scores by squared error."""

import pandas as pd


def measure_loss(truth: pd.Series, predicted: pd.Series) -> pd.Series:
    return (truth.astype(float) - predicted.astype(float)) ** 2


def score(truth: pd.Series, predicted: pd.Series) -> dict[str, float]:
    return {"loss": float(measure_loss(truth, predicted).mean())}
