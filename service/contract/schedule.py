"""How much time a schedule leaves between two runs."""

import re
from datetime import date, timedelta
from itertools import pairwise

DAY = timedelta(days=1)
FIRST, DAYS = date(2024, 1, 1), 3 * 366


def find_shortest_gap(cron: str) -> timedelta | None:
    """Find the fewest days between two days on which a cron line runs; None where it has names, or runs never again.

    >>> find_shortest_gap("35 3 1 * *").days, find_shortest_gap("35 3 1 */2 *").days
    (28, 59)
    """
    fields = cron.split()
    if len(fields) != 5:
        return None
    days, months, weekdays = (
        _read_field(text, *bounds) for text, bounds in zip(fields[2:], ((1, 31), (1, 12), (0, 7)), strict=True)
    )
    if not (days and months and weekdays):
        return None
    both = "*" not in (fields[2], fields[4])  # then one of the two is enough, as cron has it

    def runs_on(day: date) -> bool:
        fits = (day.day in days, bool({day.isoweekday(), day.isoweekday() % 7} & weekdays))
        return day.month in months and (any(fits) if both else all(fits))

    matching = [day for day in (FIRST + place * DAY for place in range(DAYS)) if runs_on(day)]
    return min((after - before for before, after in pairwise(matching)), default=None)


def _read_field(text: str, low: int, high: int) -> set[int]:
    """Read a field of numbers, ranges and steps; empty for what is none."""
    values: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"(\*|\d{1,2})(?:-(\d{1,2}))?(?:/(\d{1,2}))?", part)
        if not found or (found[3] and not int(found[3])):
            return set()
        first = low if found[1] == "*" else int(found[1])
        last = int(found[2]) if found[2] else high if found[1] == "*" or found[3] else first
        values |= {*range(first, last + 1, int(found[3] or 1))}
    return values
