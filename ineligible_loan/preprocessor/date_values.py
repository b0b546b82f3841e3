"""First and last days of the months that a training looks back on, as Python's own dates."""

from calendar import monthrange
from datetime import UTC, date, datetime, time


def find_first_day(day: date, months: int = 0) -> date:
    """Find the first day of the month that lies `months` after the month of `day`, before it if negative.

    >>> find_first_day(date(2024, 3, 31), -1)
    datetime.date(2024, 2, 1)
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)


def find_last_day(day: date, months: int = 0) -> date:
    """Find the last day of the month that lies `months` after the month of `day`, before it if negative.

    >>> find_last_day(date(2024, 3, 31), -1)
    datetime.date(2024, 2, 29)
    """
    first = find_first_day(day, months)
    return first.replace(day=monthrange(first.year, first.month)[1])


def find_months_before(day: date, months: int) -> tuple[date, date]:
    """Find the first and the last day of the whole months before the month of `day`.

    >>> find_months_before(date(2025, 7, 1), 6)
    (datetime.date(2025, 1, 1), datetime.date(2025, 6, 30))
    """
    if months < 1:
        raise ValueError(f"a window has at least one month, not {months}")
    return find_first_day(day, -months), find_last_day(day, -1)


def bound_months_before(at: datetime, months: int) -> tuple[datetime, datetime]:
    """Bound the whole months before the month of a moment, in UTC: from the first bound on, before the second."""
    today = at.astimezone(UTC).date()
    days = find_months_before(today, months)[0], find_first_day(today)
    since, until = (datetime.combine(day, time(), tzinfo=UTC) for day in days)
    return since, until
