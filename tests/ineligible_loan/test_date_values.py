"""First and last days of the months before: month ends, leap years, turns of the year."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ineligible_loan.preprocessor.date_values import (
    bound_months_before,
    find_first_day,
    find_last_day,
    find_months_before,
)

DAYS = some.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))
MONTHS = some.integers(min_value=-600, max_value=600)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "first", "last"),
    [
        ("2025-01-31", 0, "2025-01-01", "2025-01-31"),
        ("2025-03-31", -1, "2025-02-01", "2025-02-28"),
        ("2024-03-31", -1, "2024-02-01", "2024-02-29"),  # a leap year
        ("2000-02-29", 0, "2000-02-01", "2000-02-29"),  # a century that is one
        ("1900-02-01", 0, "1900-02-01", "1900-02-28"),  # a century that is none
        ("2024-02-29", 12, "2025-02-01", "2025-02-28"),
        ("2024-02-29", -48, "2020-02-01", "2020-02-29"),
        ("2025-01-15", -1, "2024-12-01", "2024-12-31"),
        ("2024-12-31", 1, "2025-01-01", "2025-01-31"),
        ("2025-12-31", -12, "2024-12-01", "2024-12-31"),
        ("2025-05-31", -1, "2025-04-01", "2025-04-30"),
        ("9999-12-31", 0, "9999-12-01", "9999-12-31"),
        ("0001-01-01", 0, "0001-01-01", "0001-01-31"),
    ],
)
def test_first_and_last_day_of_a_month(day: str, months: int, first: str, last: str) -> None:
    assert find_first_day(date.fromisoformat(day), months) == date.fromisoformat(first)
    assert find_last_day(date.fromisoformat(day), months) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("day", "months", "first", "last"),
    [
        ("2025-07-01", 6, "2025-01-01", "2025-06-30"),
        ("2025-07-31", 6, "2025-01-01", "2025-06-30"),
        ("2025-01-01", 6, "2024-07-01", "2024-12-31"),
        ("2025-03-15", 6, "2024-09-01", "2025-02-28"),
        ("2024-03-15", 6, "2023-09-01", "2024-02-29"),
        ("2025-09-30", 6, "2025-03-01", "2025-08-31"),
        ("2025-06-30", 1, "2025-05-01", "2025-05-31"),
        ("2025-01-31", 12, "2024-01-01", "2024-12-31"),
        ("2025-02-28", 25, "2023-01-01", "2025-01-31"),
    ],
)
def test_the_months_before(day: str, months: int, first: str, last: str) -> None:
    found = find_months_before(date.fromisoformat(day), months)
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


@given(DAYS, MONTHS)
def test_a_month_begins_where_the_one_before_has_ended(day: date, months: int) -> None:
    first, last = find_first_day(day, months), find_last_day(day, months)
    assert first.day == 1
    assert last + DAY == find_first_day(day, months + 1)
    assert 27 <= (last - first).days <= 30


@given(DAYS, MONTHS)
def test_months_there_and_back_end_in_the_same_month(day: date, months: int) -> None:
    for there in (find_first_day(day, months), find_last_day(day, months)):
        assert find_first_day(there, -months) == day.replace(day=1)


@given(DAYS, some.integers(min_value=1, max_value=60))
def test_a_window_ends_before_the_month_and_moves_with_it(day: date, months: int) -> None:
    first, last = find_months_before(day, months)
    assert last + DAY == day.replace(day=1)
    assert find_months_before(find_last_day(day), months) == (first, last)
    assert find_months_before(find_first_day(day, 1), months)[0] == find_first_day(first, 1)


@pytest.mark.parametrize("months", [0, -1])
def test_a_window_has_at_least_a_month(months: int) -> None:
    with pytest.raises(ValueError, match="at least one month"):
        find_months_before(date(2025, 7, 1), months)


def test_the_bounds_are_moments_in_utc() -> None:
    since, until = bound_months_before(datetime(2024, 3, 1, 2, 35, tzinfo=UTC), 6)
    assert (since, until) == (datetime(2023, 9, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("hour", [8, 9])
def test_a_moment_elsewhere_has_the_month_that_it_has_in_utc(hour: int) -> None:
    at = datetime(2025, 7, 1, hour, tzinfo=timezone(timedelta(hours=9)))
    _, until = bound_months_before(at, 1)
    assert until == datetime(2025, 6 if hour == 8 else 7, 1, tzinfo=UTC)


@given(DAYS)
def test_the_windows_of_following_months_leave_no_gap(day: date) -> None:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    following = datetime.combine(find_first_day(day, 1), at.timetz())
    assert bound_months_before(at, 1)[1] == bound_months_before(following, 1)[0]
