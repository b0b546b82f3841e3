"""Turns clean candles of one market into model rows: features of a slot, and the target in the slot after it."""

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from crypto_forecast.preprocessor.feature_engineering import count_shortest_history, derive_features
from crypto_forecast.preprocessor.grid import Floats, lay_on_grid, number_slot, number_slots, shift_slots
from service.spec import Spec

NARROWEST = 1e-4  # of ln(high / low): a candle that did not move has no log range


def build_features(spec: Spec, candles: pd.DataFrame, *, begin: datetime, until: datetime) -> pd.DataFrame:
    """Build one row for each candle that has enough history.

    The candles are all there are of one market in the slots from `begin` up to `until` (exclusive), so that a slot
    without one is known to be empty. The first rows, short of history since `begin`, are left out.
    """
    unit = spec.data.unit
    first, end = number_slot(begin, unit), number_slot(until, unit)
    if not candles["slot"].is_monotonic_increasing:
        candles = candles.sort_values("slot")
    places = number_slots(candles["slot"], unit) - first
    inputs = (measure_range(candles), candles["trade_price"].to_numpy(float), candles["volume"].to_numpy(float))
    ranges, closes, volumes = (lay_on_grid(values, places, end - first) for values in inputs)
    columns = {**derive_features(spec, ranges, closes, volumes), **_look_ahead(ranges, closes)}

    kept = slice(int(np.searchsorted(places, count_shortest_history(spec) - 1)), None)
    places = places[kept]
    named = {name: candles[name].array[kept] for name in ("market", "unit", "slot")}
    derived = {name: values[places] for name, values in columns.items()}
    empty = np.isnan(derived["target"]) & (places + 1 < end - first)
    return pd.DataFrame({**named, **_name_target(named["slot"], unit), **derived, "target_empty": empty}, copy=False)


def make_series(spec: Spec, raw: pd.DataFrame) -> pd.DataFrame:
    """Build the rows of stored candles, of which the first ones are history."""
    begin, last = raw["slot"].min().to_pydatetime(), raw["slot"].max().to_pydatetime()
    return build_features(spec, raw, begin=begin, until=last + spec.data.horizon)


def measure_range(candles: pd.DataFrame) -> Floats:
    """Measure the log range, ln(ln(high / low)), of each candle."""
    wide = np.log(candles["high_price"].to_numpy(float) / candles["low_price"].to_numpy(float))
    return np.asarray(np.log(np.maximum(wide, NARROWEST)))


def widen_percent(log_range: Floats) -> Floats:
    """Convert a log range to the percent by which the high is above the low."""
    return np.asarray(100.0 * np.expm1(np.exp(log_range)))


def _look_ahead(ranges: Floats, closes: Floats) -> dict[str, Floats]:
    """Read what the next slot became, missing as long as it is not known or empty."""
    steps = np.log(closes / shift_slots(closes, 1))
    return {"target": np.append(ranges[1:], np.nan), "target_return": np.append(steps[1:], np.nan)}


def _name_target(slots: Any, unit: int) -> dict[str, Any]:
    opens = pd.DatetimeIndex(slots) + pd.Timedelta(minutes=unit)
    hour, weekday = opens.hour.to_numpy(float), opens.day_of_week.to_numpy(float)
    return {"target_slot": opens, "target_hour": hour, "target_weekday": weekday}
