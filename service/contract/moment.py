"""The logical now of a run: how `--at` is read, and which moments are past."""

from datetime import UTC, datetime, timedelta

from db_handler.errors import UsageError

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def parse_at(text: str) -> datetime:
    """Read an ISO date or time; without an offset it means UTC.

    >>> parse_at("2026-11-20T09:00+09:00").isoformat()
    '2026-11-20T00:00:00+00:00'
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"--at {text!r} is no date: write it like 2026-11-20T00:00Z") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if moment < EARLIEST:
        raise UsageError(f"--at {text!r} is before {EARLIEST:%Y}: write it like 2026-11-20T00:00Z")
    return moment.astimezone(UTC)


def write_at(moment: datetime) -> str:
    """Write a moment the way it is read, e.g. 2026-11-20T00:05Z."""
    form = "%Y-%m-%dT%H:%MZ" if moment.second == moment.microsecond == 0 else "%Y-%m-%dT%H:%M:%SZ"
    return moment.astimezone(UTC).strftime(form)


def is_past(at: datetime, now: datetime, interval: timedelta) -> bool:
    """Say whether `at` is so old that its decisions are only recorded."""
    return now - at > interval
