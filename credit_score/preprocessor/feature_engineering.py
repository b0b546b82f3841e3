"""Derives columns from those of the same row."""

import numpy as np
import pandas as pd

EPOCH = pd.Timestamp("2000-01-01", tz="UTC")


def derive_shares(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Divide debt and instalments by income; without an income both shares are missing."""
    return {
        "debt_share": rows["outstanding_debt"] / rows["annual_income"].replace(0.0, np.nan),
        "instalment_share": rows["total_emi_per_month"] / rows["monthly_inhand_salary"].replace(0.0, np.nan),
    }


def count_days(moments: pd.Series) -> pd.Series:
    """Count the days since 2000, with their fractions.

    >>> count_days(pd.Series([pd.Timestamp("2000-01-02T12:00Z")])).tolist()
    [1.5]
    """
    return (pd.to_datetime(moments, utc=True) - EPOCH) / pd.Timedelta(days=1)
