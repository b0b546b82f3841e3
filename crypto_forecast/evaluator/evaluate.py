"""Scores forecasts of log ranges, in training and live alike, and the naive rules beside them."""

import pandas as pd

from crypto_forecast.trainer.rules import fit_rules, predict_rules
from service.statistics.scores import score_numbers

# Of the rows that have both truth and forecast; `loss` is the mean squared error of the log range.
score = score_numbers


def naive(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows by every naive rule, HAR's coefficients fitted on the history of each market."""
    return predict_rules(fit_rules(history), rows)


def score_direction(returned: pd.Series, probability: pd.Series) -> float:
    """Give the share of rows whose direction was called rightly, candles that stood still left aside."""
    moved = returned.notna() & (returned != 0) & (probability != 0.5) & probability.notna()
    return float(((returned > 0) == (probability > 0.5))[moved].mean())


def slice_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the slices on which a challenger must not get worse: the hour, and calm or wild markets."""
    hour = rows["target_hour"].astype(int).map("{:02d} h UTC".format)
    wild = rows["mean_42"] > rows["mean_42"].median()
    return pd.DataFrame({"slice_hour": hour, "slice_week": wild.map({True: "wild", False: "calm"})}, index=rows.index)
