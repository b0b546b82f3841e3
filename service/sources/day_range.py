"""Days as they are typed for verbs that fill tables: from a first day to a last one, both inclusive, in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from db_handler.errors import UsageError

DAY = timedelta(days=1)
FIRST, LAST = date(1970, 1, 1), date(2199, 12, 31)
LONGEST = 20 * 366


@dataclass(frozen=True)
class DayRange:
    """From the first second of one day to the last one of another.

    >>> DayRange(date(2025, 1, 1), date(2025, 1, 31)).seconds
    2678400
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise UsageError(f"--from {self.first} is after --to {self.last}: the first day comes first")
        if (self.last - self.first).days > LONGEST:
            raise UsageError(f"from {self.first} to {self.last} is more than 20 years: ask for fewer")

    @property
    def start(self) -> datetime:
        return start_of(self.first)

    @property
    def seconds(self) -> int:
        return ((self.last - self.first).days + 1) * 86_400

    @property
    def days(self) -> list[date]:
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]


def parse_day(text: str) -> date:
    """Read a day as it is typed.

    >>> parse_day("2025-01-31")
    datetime.date(2025, 1, 31)
    """
    try:
        day = date.fromisoformat(text.strip()) if re.fullmatch(r"\s*\d{4}-\d\d-\d\d\s*", text) else None
    except ValueError:
        day = None
    if day is None:
        raise UsageError(f"{text!r:.60} is no day: write it like 2025-01-31")
    if not FIRST <= day <= LAST:
        raise UsageError(f"{text!r:.60} is not between {FIRST} and {LAST}")
    return day


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
