"""Targets in frames: the labels that were known at a moment, and where a prediction stands."""

from datetime import datetime
from typing import TYPE_CHECKING

from service.spec import Data, Spec

if TYPE_CHECKING:  # whoever only reads a config needs no frames
    import pandas as pd


def hide_later_labels(spec: Spec, rows: "pd.DataFrame", at: datetime) -> "pd.DataFrame":
    """Make the targets missing that became known after `at`; where labels come with their rows, nothing is hidden."""
    label_at = spec.data.label_at
    if label_at is None or label_at not in rows:
        return rows
    has_label = rows[label_at].notna() & (rows[label_at] <= at)
    return rows.assign(**{spec.data.target: rows[spec.data.target].where(has_label)})


def name_columns(data: Data, name: str) -> list[str]:
    """Name the columns of the model's prediction (`predicted`) or of a rule's: one for a number, else one a class.

    >>> name_columns(income_data, "rule_prior")
    ['rule_prior_low', 'rule_prior_high']
    """
    return [f"{name}_{label}" for label in data.classes] or [name]


def take(data: Data, frame: "pd.DataFrame", name: str) -> "pd.Series | pd.DataFrame":
    """Take a prediction as a loss reads it: numbers, or a frame with a column for each class."""
    if not data.classes:
        return frame[name]
    return frame[name_columns(data, name)].set_axis(list(data.classes), axis="columns")
