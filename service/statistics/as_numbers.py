"""Columns as numbers, so that texts can be compared, too."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbered = tuple[NDArray[np.float64], "pd.Series[float] | None"]


def number_column(column: "pd.Series[Any]", shares: "pd.Series[float] | None" = None) -> Numbered:
    """Take a column as numbers: a category counts as its share of the sample, one that was never met as none.

    What is missing stays missing. Without `shares` the column is the sample itself, and they are returned with it.
    """
    if pd.api.types.is_numeric_dtype(column) or column.isna().all():
        return column.to_numpy(float), None
    shares = column.value_counts(normalize=True) if shares is None else shares
    known = column.map(shares).where(column.isna() | column.isin(shares.index), 0.0)
    return np.asarray(known, dtype=np.float64), shares
