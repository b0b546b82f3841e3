"""The columns of build_features for candles without gaps, as one writes them in pandas and in bare numpy."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from crypto_forecast.preprocessor.preprocess import NARROWEST
from service.spec import Spec

Floats = NDArray[np.float64]


def build_with_pandas(spec: Spec, candles: pd.DataFrame) -> pd.DataFrame:
    """Compute the columns by rolling, ewm and shift; the EWMAs have no cut-off, so they differ from ours by 1e-9."""
    features, day = spec.features, 1440 // int(spec.data.unit)
    close, volume = candles["trade_price"], candles["volume"]
    ranges = take_log(take_log(candles["high_price"] / candles["low_price"]).clip(lower=NARROWEST))
    step = take_log(close / close.shift(1))
    opens = candles["slot"] + pd.Timedelta(minutes=spec.data.unit)
    same_slot = [ranges.shift(day - 1 + day * back) for back in range(features.day_lags)]
    rise = step.clip(lower=0).rolling(features.rsi_length).mean()
    width = max(features.means)
    columns = {
        "market": candles["market"],
        "unit": candles["unit"],
        "slot": candles["slot"],
        "target_slot": opens,
        "target_hour": opens.dt.hour.astype(float),
        "target_weekday": opens.dt.day_of_week.astype(float),
        "last_range": ranges,
        **{f"ewma_{span}": ranges.ewm(span=span).mean() for span in features.spans},
        **{f"mean_{size}": ranges.rolling(size, min_periods=size // 2).mean() for size in features.means},
        f"same_slot_{features.day_lags}": pd.concat(same_slot, axis=1).mean(axis=1),
        "return_1": step,
        f"return_{day}": take_log(close / close.shift(day)),
        f"rsi_{features.rsi_length}": rise / step.abs().rolling(features.rsi_length).mean(),
        "volume_ratio": take_log(volume / volume.rolling(width).mean()),
        "alert_threshold": ranges.rolling(features.alert_slots).quantile(features.alert_quantile),
        "target": ranges.shift(-1),
        "target_return": step.shift(-1),
    }
    return pd.DataFrame({**columns, "target_empty": False}).iloc[features.ewma_lookback - 1 :]


def take_log(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.Series(np.log(values))


def derive_with_numpy(spec: Spec, candles: pd.DataFrame) -> dict[str, Any]:
    """Compute the columns by running totals, which drift; no index, no empty slots. numpy has no rolling quantile."""
    features, day = spec.features, 1440 // int(spec.data.unit)
    close, volume = candles["trade_price"].to_numpy(), candles["volume"].to_numpy()
    wide = np.log(candles["high_price"].to_numpy() / candles["low_price"].to_numpy())
    ranges = np.log(np.maximum(wide, NARROWEST))
    logs = np.log(close)
    step = np.diff(logs, prepend=np.nan)
    step_or_zero = np.nan_to_num(step)
    length, width = features.rsi_length, max(features.means)
    return {
        "last_range": ranges,
        **{f"ewma_{span}": lfilter([2 / (span + 1)], [1, 2 / (span + 1) - 1], ranges) for span in features.spans},
        **{f"mean_{size}": roll_mean(ranges, size) for size in features.means},
        "same_slot": roll_days(ranges, day, features.day_lags),
        "return_1": step,
        "return_day": logs[day:] - logs[:-day],
        "rsi": roll_mean(np.maximum(step_or_zero, 0), length) / roll_mean(np.abs(step_or_zero), length),
        "volume_ratio": np.log(volume[width - 1 :] / roll_mean(volume, width)),
        "target": ranges[1:],
        "target_return": step[1:],
    }


def roll_mean(values: Floats, width: int) -> Floats:
    total = np.cumsum(values)
    total[width:] -= total[:-width].copy()
    mean: Floats = total[width - 1 :] / width
    return mean


def roll_days(values: Floats, day: int, days: int) -> Floats:
    rows: Floats = values[: len(values) // day * day].reshape(-1, day)
    return np.apply_along_axis(roll_mean, 0, rows, days)
