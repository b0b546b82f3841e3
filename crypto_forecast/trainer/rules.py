"""The naive rules of log ranges: last, EWMA, HAR and HAR with time of day, fitted on each market alone."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# The yardstick stands still: no config moves it, so these columns are named here.
LAST, DAY, WEEK, EWMA, HOUR = "last_range", "mean_6", "mean_42", "ewma_12", "target_hour"
INPUTS = [LAST, DAY, WEEK]
HOURS = 24


def fit_rules(rows: pd.DataFrame) -> dict[str, Any]:
    """Fit HAR without and with time of day on the rows of each market."""
    complete = rows.dropna(subset=[*INPUTS, "target"])
    return {str(market): _fit_market(part) for market, part in complete.groupby("market")}


def predict_rules(rules: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Predict rows by every rule; missing where a rule lacks an input or was not fitted on the market."""
    place = locate_markets(sorted(rules), rows)
    inputs, hours = take_columns(rows, INPUTS), rows[HOUR].to_numpy(np.int64)
    har = _stack([fitted["har"] for _, fitted in sorted(rules.items())], width=4)[place]
    tod = _stack([fitted["har_tod"] for _, fitted in sorted(rules.items())], width=3)[place]
    starts = _stack([_start_hours(fitted) for _, fitted in sorted(rules.items())], width=HOURS)[place, hours]
    return pd.DataFrame(
        {
            "rule_last": rows[LAST].to_numpy(float),
            "rule_ewma": rows[EWMA].to_numpy(float),
            "rule_har": har[:, 0] + (inputs * har[:, 1:]).sum(axis=1),
            "rule_har_tod": starts + (inputs * tod).sum(axis=1),
        },
        index=rows.index,
    )


def locate_markets(markets: list[str], rows: pd.DataFrame) -> NDArray[np.int64]:
    """Number the market of each row, -1 where it is unknown."""
    places = {name: place for place, name in enumerate(markets)}
    return np.fromiter((places.get(name, -1) for name in rows["market"]), dtype=np.int64, count=len(rows))


def take_columns(rows: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
    """Take columns as one table of numbers; a frame of one row does this slowly."""
    return np.column_stack([rows[column].to_numpy(float) for column in columns])


def _fit_market(rows: pd.DataFrame) -> dict[str, Any]:
    inputs, target, hours = take_columns(rows, INPUTS), rows["target"].to_numpy(float), np.unique(rows[HOUR])
    by_hour = (rows[HOUR].to_numpy()[:, None] == hours).astype(float)
    har = solve_squares(np.column_stack([np.ones(len(rows)), inputs]), target)
    har_tod = solve_squares(np.column_stack([by_hour, inputs]), target)
    starts = dict(zip((str(int(hour)) for hour in hours), har_tod, strict=False))
    return {"har": har, "har_tod": har_tod[len(hours) :], "hours": starts}


def _start_hours(fitted: dict[str, Any]) -> list[float]:
    # An hour without training rows starts from the mean of the other hours.
    starts = fitted["hours"]
    middle = float(np.mean(list(starts.values())))
    return [starts.get(str(hour), middle) for hour in range(HOURS)]


def _stack(coefficients: list[list[float]], width: int) -> NDArray[np.float64]:
    # The last row is for markets without training rows.
    return np.array([*coefficients, [np.nan] * width])


def solve_squares(inputs: NDArray[np.float64], target: NDArray[np.float64]) -> list[float]:
    """Find the weights of least squares; a handful of columns makes the normal equations quick and exact enough."""
    weights = np.linalg.lstsq(inputs.T @ inputs, inputs.T @ target, rcond=None)[0]
    return [float(value) for value in weights]
