"""An interval around the prediction of a number: as far as errors reached on rows that a fit had not seen."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from service.spec import Spec

HELD_OUT = 0.2  # of the rows, the newest
COLUMNS = ("predicted_low", "predicted_high")


def measure_interval(
    spec: Spec,
    rows: pd.DataFrame,
    fit: Callable[[pd.DataFrame], Any],
    predict: Callable[[Any, pd.DataFrame], pd.DataFrame],
    share: float = 0.8,
) -> list[float]:
    """Measure how far below and above its prediction a row's target lies, for this share of rows.

    >>> measure_interval(spec, rows, lambda seen: fit_booster(spec, seen), predict_booster)
    [-7.4, 9.1]
    """
    ordered = rows.sort_values(spec.data.target_slot, kind="stable")
    seen = len(rows) - round(len(rows) * HELD_OUT)
    before, newest = ordered.iloc[:seen], ordered.iloc[seen:]
    errors = newest[spec.data.target] - predict(fit(before), newest)["predicted"]
    return [float(errors.quantile(tail)) for tail in ((1 - share) / 2, (1 + share) / 2)]


def add_interval(predicted: pd.DataFrame, ends: list[float]) -> pd.DataFrame:
    """Put the ends of the interval beside each prediction."""
    return predicted.assign(**{name: predicted["predicted"] + end for name, end in zip(COLUMNS, ends, strict=True)})
