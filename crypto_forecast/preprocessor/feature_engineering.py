"""Derives the past-only columns of one market: each value is made of its own slot and of earlier ones."""

import numpy as np

from crypto_forecast.preprocessor.grid import Floats, average_window, fade_window, rank_window, shift_slots
from service.spec import Spec

MINUTES_PER_DAY = 1440
RETURNS = (1, 6)  # over so many slots, whatever a unit's length: the table's columns are named after them


def derive_features(spec: Spec, ranges: Floats, closes: Floats, volumes: Floats) -> dict[str, Floats]:
    """Compute the features of every slot from log ranges, closes and volumes that lie on the grid."""
    features, day = spec.features, count_per_day(spec)
    steps = {by: np.log(closes / shift_slots(closes, by)) for by in RETURNS}
    return {
        "last_range": ranges,
        **{f"ewma_{span}": fade_window(ranges, span, features.ewma_lookback) for span in features.spans},
        **{f"mean_{width}": average_window(ranges, width) for width in features.means},
        # The slots that lie a whole number of days before the target, the slot after the newest.
        f"same_slot_{features.day_lags}": shift_slots(average_window(ranges, features.day_lags, step=day), day - 1),
        **{f"return_{by}": step for by, step in steps.items()},
        f"rsi_{features.rsi_length}": _measure_strength(steps[1], features.rsi_length),
        "volume_ratio": _compare_volume(volumes, max(features.means)),
        "alert_threshold": _find_threshold(ranges, features.alert_slots, features.alert_quantile),
    }


def count_per_day(spec: Spec) -> int:
    """Count the slots of a day."""
    return MINUTES_PER_DAY // int(spec.data.unit)


def count_shortest_history(spec: Spec) -> int:
    """Count the slots below which a row is neither trained nor predicted (the alert's window is not asked for)."""
    features = spec.features
    daily = features.day_lags * count_per_day(spec)
    return int(max(features.ewma_lookback, *features.means, daily, features.rsi_length + 1, *RETURNS))


def count_longest_history(spec: Spec) -> int:
    """Count the slots that an incremental computation reads for the same numbers as one over everything."""
    return max(count_shortest_history(spec), int(spec.features.alert_slots))


def _measure_strength(step: Floats, length: int) -> Floats:
    """Give the share of rises in all moves (RSI over plain means), one half where nothing moved."""
    rise = average_window(np.where(np.isnan(step), np.nan, np.maximum(step, 0.0)), length)
    move = average_window(np.abs(step), length)
    return np.where(move == 0.0, 0.5, np.divide(rise, move, out=np.full_like(rise, np.nan), where=move > 0.0))


def _compare_volume(volumes: Floats, width: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(volumes / average_window(volumes, width))
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _find_threshold(ranges: Floats, width: int, quantile: float) -> Floats:
    """Find the range that the market rarely exceeds; missing until a whole window of history exists."""
    threshold = rank_window(ranges, width, quantile)
    threshold[: width - 1] = np.nan
    return threshold
