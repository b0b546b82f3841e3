"""What weeks that a fit has not seen tell: the interval that holds four of five targets, and where alerts begin."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crypto_forecast.trainer.rules import locate_markets

TAILS = (0.1, 0.9)
FOLDS = 5  # each holds weeks that are spread over all regimes of the training rows


def measure_held_out(
    rows: pd.DataFrame,
    fit: Callable[[pd.DataFrame], dict[str, Any]],
    predict: Callable[[dict[str, Any], pd.DataFrame], pd.DataFrame],
    *,
    quantile: float,
) -> dict[str, Any]:
    """Predict each week by a fit without it, and measure each market's errors and forecasts.

    `interval` holds the quantiles of its errors. `alert` is added to a row's threshold, a quantile of ranges: a
    forecast varies less than what it forecasts, and would exceed that threshold too seldom.
    """
    predicted = predict_held_out(rows, fit, predict)
    if predicted.empty:
        return {"interval": {}, "alert": {}, "held_out": {}}
    error = (rows["target"] - predicted["predicted"]).dropna()
    above = (predicted["predicted"] - rows["alert_threshold"]).dropna()
    held_out = {"held_out_rows": float(len(error)), "held_out_loss": float((error**2).mean())}
    for rule in predicted.filter(regex="^rule_"):
        held_out[f"held_out_{rule}_loss"] = float(((rows["target"] - predicted[rule]) ** 2).mean())
    return {
        "interval": {market: [float(part.quantile(tail)) for tail in TAILS] for market, part in _part(error, rows)},
        "alert": {market: float(part.quantile(quantile)) for market, part in _part(above, rows)},
        "held_out": held_out,
    }


def predict_held_out(
    rows: pd.DataFrame,
    fit: Callable[[pd.DataFrame], dict[str, Any]],
    predict: Callable[[dict[str, Any], pd.DataFrame], pd.DataFrame],
) -> pd.DataFrame:
    """Predict every week by the fit that lacks it and each fifth week before and after it."""
    fold = (rows["target_slot"] - rows["target_slot"].min()) // pd.Timedelta(days=7) % FOLDS
    if fold.nunique() < FOLDS:
        return pd.DataFrame()
    return pd.concat([predict(fit(rows[fold != place]), rows[fold == place]) for place in range(FOLDS)])


def find_ends(interval: Mapping[str, list[float]], rows: pd.DataFrame) -> NDArray[np.float64]:
    """Find how far the interval reaches below and above each row's prediction; missing where none was measured."""
    ends = np.array([*interval.values(), [np.nan] * len(TAILS)])
    return ends[locate_markets(list(interval), rows)]


def find_lift(alert: Mapping[str, float], rows: pd.DataFrame) -> NDArray[np.float64]:
    """Find what each row's alert threshold is moved by; missing where none was measured."""
    return np.array([*alert.values(), np.nan])[locate_markets(list(alert), rows)]


def _part(values: pd.Series, rows: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    return [(str(market), part) for market, part in values.groupby(rows["market"])]
