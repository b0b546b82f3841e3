"""The naive rules of log ranges: last, EWMA, HAR and HAR with time of day, fitted on each market alone."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# The yardstick stands still: no config moves it, so these columns are named here.
LAST, DAY, WEEK, EWMA, HOUR = "last_range", "mean_6", "mean_42", "ewma_12", "target_hour"
INPUTS = [LAST, DAY, WEEK]


def fit_rules(rows: pd.DataFrame) -> dict[str, Any]:
    """Fit HAR without and with time of day on the rows of each market."""
    known = rows.dropna(subset=[*INPUTS, "target"])
    return {str(market): _fit_market(part) for market, part in known.groupby("market")}


def predict_rules(rules: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows by every rule; missing where a rule lacks an input or has not met the market."""
    predicted = pd.DataFrame({"rule_last": rows[LAST], "rule_ewma": rows[EWMA]}, index=rows.index)
    predicted = predicted.assign(rule_har=np.nan, rule_har_tod=np.nan)
    for market, part in rows.groupby("market"):
        if str(market) in rules:
            fitted = rules[str(market)]
            predicted.loc[part.index, "rule_har"] = fitted["har"][0] + part[INPUTS] @ fitted["har"][1:]
            predicted.loc[part.index, "rule_har_tod"] = _start_hours(fitted, part) + part[INPUTS] @ fitted["har_tod"]
    return predicted


def _fit_market(rows: pd.DataFrame) -> dict[str, Any]:
    inputs, target, hours = rows[INPUTS].to_numpy(float), rows["target"].to_numpy(float), np.unique(rows[HOUR])
    by_hour = (rows[HOUR].to_numpy()[:, None] == hours).astype(float)
    har = solve_squares(np.column_stack([np.ones(len(rows)), inputs]), target)
    har_tod = solve_squares(np.column_stack([by_hour, inputs]), target)
    starts = dict(zip((str(int(hour)) for hour in hours), har_tod, strict=False))
    return {"har": har, "har_tod": har_tod[len(hours) :], "hours": starts}


def _start_hours(fitted: dict[str, Any], rows: pd.DataFrame) -> pd.Series:
    # An hour that training never met starts from the middle of those that it did.
    starts = fitted["hours"]
    met = rows[HOUR].map({float(hour): start for hour, start in starts.items()}).astype(float)
    return met.fillna(float(np.mean(list(starts.values()))))


def solve_squares(inputs: NDArray[np.float64], target: NDArray[np.float64]) -> list[float]:
    """Find the weights of least squares; a handful of columns makes the normal equations quick and exact enough."""
    found = np.linalg.lstsq(inputs.T @ inputs, inputs.T @ target, rcond=None)[0]
    return [float(value) for value in found]
