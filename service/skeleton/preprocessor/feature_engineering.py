"""Derived columns: only what was known at the row's own moment."""

from datetime import datetime

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def name_weekday(moment: datetime) -> str:
    """Name the day of the week.

    >>> name_weekday(datetime(2025, 3, 1))
    'Saturday'
    """
    # FILL IN 4/5: what else can be said of a row at its own moment, without looking at later ones.
    return WEEKDAYS[moment.weekday()]


def number_month(moment: datetime) -> float:
    """Number the month."""
    return float(moment.month)
