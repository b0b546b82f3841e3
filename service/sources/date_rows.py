"""The dates of a file's rows: from the file, spread over a range of days, or one moment for all."""

from datetime import datetime

import numpy as np
import pandas as pd

from db_handler.errors import UsageError
from service.contract.moment import EARLIEST
from service.sources.day_range import DAY, DayRange
from service.sources.file_rows import Tally
from service.spec.sources import Sources

ISO_DAY = r"\d{4}-\d\d-\d\d"


def read_dates(
    rows: pd.DataFrame, sources: Sources, tally: Tally, now: datetime
) -> tuple[pd.DataFrame, "pd.Series[pd.Timestamp]"]:
    """Read the rows' own dates, NaT where there is none; without an offset they are UTC."""
    if sources.date not in rows.columns:
        return rows, pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    texts = rows[sources.date]
    parsed = pd.to_datetime(texts.where(texts.str.match(ISO_DAY)), format="ISO8601", utc=True, errors="coerce")
    dates = parsed.astype("datetime64[us, UTC]")
    for wrong, reason in (
        (dates.isna() & texts.notna(), f"{sources.date} is no date such as 2025-01-31 or 2025-01-31T09:00Z"),
        (dates < EARLIEST, f"{sources.date} before {EARLIEST:%Y}"),
        (dates > now + DAY, f"{sources.date} in the future"),  # somebody's today may be tomorrow in UTC
    ):
        rows = tally.drop(rows, wrong.loc[rows.index], reason)
    return rows, dates.loc[rows.index]


def insist_on_dates(
    rows: pd.DataFrame,
    dates: "pd.Series[pd.Timestamp]",
    sources: Sources,
    tally: Tally,
    days: DayRange | None,
    at: datetime | None,
) -> pd.DataFrame:
    """Refuse rows without a date where one is required and no days or moment are given, and days that no row needs."""
    if days is not None and len(rows) and dates.notna().all():
        raise UsageError(f"{tally.name} has a date for every row in {sources.date}: leave from= and to= out")
    if sources.date not in sources.required or days is not None or at is not None:
        return rows
    if sources.date not in rows.columns:
        raise UsageError(
            f"{tally.name} lacks the column {sources.date!r}, which dates its rows: add it, or say when they were "
            "with from= and to=, or with at="
        )
    return tally.drop(rows, dates.isna(), f"no {sources.date}, and neither from= and to= nor at= says when it was")


def spread_dates(ids: "pd.Series[str]", days: DayRange) -> "pd.Series[pd.Timestamp]":
    """Give each row a second of the range by its id: always the same one, whatever else is in the file."""
    length = days.seconds
    seconds = np.array([int(name[:16], 16) % length for name in ids.tolist()], dtype="timedelta64[s]")
    start = np.datetime64(days.start.replace(tzinfo=None), "us")
    return pd.Series(start + seconds, index=ids.index, dtype="datetime64[us]").dt.tz_localize("UTC")
