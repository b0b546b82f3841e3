"""The interval that holds four of five targets, from errors on weeks that the fit has not seen."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

TAILS = (0.1, 0.9)
NTH_WEEK = 5  # held out, so that every regime of the training rows has its say

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
    return interval, {
        "held_out_rows": float(len(error)),
        "held_out_loss": float((error**2).mean()),
        **{
            f"held_out_{rule}_loss": float(((rows["target"] - predicted[rule]) ** 2).mean())
            for rule in predicted
            if str(rule).startswith("rule_")
        },
    }


def add_interval(interval: Mapping[str, list[float]], market: pd.Series, predicted: pd.Series) -> dict[str, pd.Series]:
    """Put the interval around predictions; missing where a model has none for the market."""
    low, high = (market.map({name: ends[side] for name, ends in interval.items()}).astype(float) for side in (0, 1))
    return {"predicted_low": predicted + low, "predicted_high": predicted + high}
