"""Derived columns: only what was known at the row's own moment."""

import pandas as pd


def derive_columns(moments: "pd.Series[pd.Timestamp]") -> pd.DataFrame:
    """Say which day of the week and which month it was.

    >>> derive_columns(pd.Series([pd.Timestamp("2025-03-01", tz="UTC")])).to_dict("records")
    [{'weekday': 'Saturday', 'month': 3.0}]
    """
    # FILL IN 4/5: what else can be said of a row at its own moment, without looking at later ones.
    return pd.DataFrame({"weekday": moments.dt.day_name(), "month": moments.dt.month.astype(float)})
