"""Scores by squared error."""

import pandas as pd


def measure_loss(truth: pd.Series, predicted: pd.Series) -> pd.Series:
    return (truth.astype(float) - predicted.astype(float)) ** 2


def score(truth: pd.Series, predicted: pd.Series) -> dict[str, float]:
    return {"loss": float(measure_loss(truth, predicted).mean())}


def naive(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"rule_zero": 0.0}, index=rows.index)
