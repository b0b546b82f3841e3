"""The windows of build_features in bare numpy, for candles without gaps: about as fast as Python goes."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from crypto_forecast.preprocessor.preprocess import NARROWEST
from service.spec import Spec

Floats = NDArray[np.float64]


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
