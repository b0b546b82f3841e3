"""Where a prediction stands in a frame: one column for a number, one column a class for the odds of classes."""

import pandas as pd

from service.spec import Data


def name_columns(data: Data, name: str) -> list[str]:
    """Name the columns of the model's prediction (`predicted`) or of a rule's.

    >>> name_columns(income_data, "rule_prior")
    ['rule_prior_low', 'rule_prior_high']
    """
    return [f"{name}_{label}" for label in data.classes] or [name]


def take(data: Data, frame: pd.DataFrame, name: str) -> "pd.Series | pd.DataFrame":
    """Take a prediction as a loss reads it: numbers, or a frame with a column for each class."""
    if not data.classes:
        return frame[name]
    return frame[name_columns(data, name)].set_axis(list(data.classes), axis="columns")
