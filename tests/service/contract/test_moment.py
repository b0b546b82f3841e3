"""How `--at` is read."""

from datetime import UTC, datetime, timedelta

import pytest

from db_handler.errors import UsageError
from service.contract.moment import is_past, parse_at, write_at

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-20T00:00Z", "2026-11-20", "2026-11-20T09:00+09:00", " 2026-11-20T00:00 ", "20261120T000000Z"]
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert parse_at(text) == MIDNIGHT


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2026-02-30", "1", "0001-01-01T00:00+09:00", "2026-11-20T25:00Z"]
)
def test_what_is_no_date_is_one_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="write it like 2026-11-20T00:00Z"):
        parse_at(text)


def test_written_as_it_is_read() -> None:
    for moment in (MIDNIGHT, MIDNIGHT + timedelta(hours=4, minutes=5), MIDNIGHT + timedelta(seconds=7)):
        assert parse_at(write_at(moment)) == moment


def test_a_moment_is_past_after_one_interval() -> None:
    hours = timedelta(hours=4)
    assert not is_past(MIDNIGHT, MIDNIGHT + hours, hours)
    assert is_past(MIDNIGHT, MIDNIGHT + hours + timedelta(seconds=1), hours)
