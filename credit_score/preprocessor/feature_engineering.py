"""Derives columns from those of the same row."""

from math import nan

import pandas as pd

EPOCH = pd.Timestamp("2000-01-01", tz="UTC")


def divide(part: float, whole: float) -> float:
    """Say which share of something a part is; of nothing it has none.

    >>> divide(1.0, 4.0), divide(1.0, 0.0)
    (0.25, nan)
    """
    return nan if whole == 0 else part / whole


def count_days(moments: pd.Series) -> pd.Series:
    """Count the days since 2000, with their fractions.

    >>> count_days(pd.Series([pd.Timestamp("2000-01-02T12:00Z")])).tolist()
    [1.5]
    """
    return (pd.to_datetime(moments, utc=True) - EPOCH) / pd.Timedelta(days=1)
