"""The interval that holds four of five targets, from errors on weeks that the fit has not seen."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crypto_forecast.trainer.rules import locate_markets

TAILS = (0.1, 0.9)
NTH_WEEK = 5  # held out, spread over all regimes of the training rows

Interval = dict[str, list[float]]


def measure_interval(
    rows: pd.DataFrame,
    fit: Callable[[pd.DataFrame], dict[str, Any]],
    predict: Callable[[dict[str, Any], pd.DataFrame], pd.DataFrame],
) -> tuple[Interval, dict[str, float]]:
    """Find each market's quantiles of error on every fifth week, predicted by a fit without these weeks."""
    week = (rows["target_slot"] - rows["target_slot"].min()) // pd.Timedelta(days=7)
    held = week % NTH_WEEK == NTH_WEEK - 1
    if not held.any():
        return {}, {}
    predicted = predict(fit(rows[~held]), rows[held])
    error = (rows["target"] - predicted["predicted"]).dropna()
    by_market = error.groupby(rows["market"])
    interval = {str(market): [float(part.quantile(tail)) for tail in TAILS] for market, part in by_market}
    held_out = {"held_out_rows": float(len(error)), "held_out_loss": float((error**2).mean())}
    for rule in predicted.filter(regex="^rule_"):
        held_out[f"held_out_{rule}_loss"] = float(((rows["target"] - predicted[rule]) ** 2).mean())
    return interval, held_out


def find_ends(interval: Mapping[str, list[float]], rows: pd.DataFrame) -> NDArray[np.float64]:
    """Find how far the interval reaches below and above each row's prediction; missing where none was measured."""
    ends = np.array([*interval.values(), [np.nan] * len(TAILS)])
    return ends[locate_markets(list(interval), rows)]
