"""Counts in slots of the candle grid instead of rows: windows that know which slots are empty."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]


def number_slot(moment: datetime, unit: int) -> int:
    """Number the slot that a moment lies in, counted in units of minutes since the epoch."""
    return int(moment.timestamp()) // (60 * unit)


def number_slots(times: pd.Series, unit: int) -> NDArray[np.int64]:
    """Number the slots of a column of times."""
    minutes = times.dt.tz_localize(None).to_numpy(dtype="datetime64[m]").astype(np.int64)
    return np.asarray(minutes // unit, dtype=np.int64)


def lay_on_grid(values: Floats, places: NDArray[np.int64], length: int) -> Floats:
    """Put each value at its place of a stretch of slots that is missing (NaN) elsewhere."""
    laid = np.full(length, np.nan)
    laid[places] = values
    return laid


def shift_slots(values: Floats, by: int) -> Floats:
    """Look `by` slots back; what lies before the beginning is missing."""
    shifted = np.full_like(values, np.nan)
    shifted[by:] = values[: max(len(values) - by, 0)]
    return shifted


def average_window(values: Floats, width: int, *, step: int = 1) -> Floats:
    """Average the last `width` slots (or every `step`-th slot): the present values, if at least half are."""
    present = np.isfinite(values)
    total = _sum_window(np.where(present, values, 0.0), width, step)
    count = _sum_window(present.astype(np.float64), width, step)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=2 * count >= width)


def fade_window(values: Floats, span: int, lookback: int) -> Floats:
    """Average the last `lookback` slots with fading weights (EWMA), renormalised over the present values."""
    keep = 1.0 - 2.0 / (span + 1.0)
    present = np.isfinite(values)
    total = _sum_fading(np.where(present, values, 0.0), keep, lookback)
    weight = _sum_fading(present.astype(np.float64), keep, lookback)
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=present)


def rank_window(values: Floats, width: int, quantile: float) -> Floats:
    """Find the quantile of the last `width` slots: of the present values, if at least half are."""
    ranked = pd.Series(values).rolling(width, min_periods=(width + 1) // 2).quantile(quantile)
    return ranked.to_numpy(dtype=np.float64, copy=True)


def _sum_window(values: Floats, width: int, step: int) -> Floats:
    # Sums of 1, 2, 4, ... slots are put together: each result comes from the same additions wherever the stretch
    # begins, while a running total drifts and would differ between a full and an incremental computation.
    total, part, reach, size = np.zeros_like(values), values, 0, step
    while True:
        if width & 1:
            total = _add_earlier(total, part, reach)
            reach += size
        width >>= 1
        if not width:
            return total
        part = _add_earlier(part, part, size)
        size *= 2


def _add_earlier(values: Floats, earlier: Floats, by: int) -> Floats:
    added, by = np.empty_like(values), min(by, len(values))
    added[:by] = values[:by]
    np.add(values[by:], earlier[: len(values) - by], out=added[by:])
    return added


def _sum_fading(values: Floats, keep: float, lookback: int) -> Floats:
    # What leaves the window is taken out at the weight it has faded to, so nothing older has a say and no error stays.
    flow = values.copy()
    flow[lookback:] -= keep**lookback * values[: max(len(values) - lookback, 0)]
    return np.asarray(lfilter([1.0], [1.0, -keep], flow), dtype=np.float64)
