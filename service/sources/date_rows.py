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


def refuse_moves(
    dates: "pd.Series[pd.Timestamp]", known: "pd.Series[pd.Timestamp]", tally: Tally, days: DayRange
) -> None:
    """Refuse days that would move rows which are stored already."""
    moved = int((known.notna() & (known != dates)).sum())
    if moved:
        raise UsageError(
            f"{tally.name}: {moved} of its rows are stored with other dates and would move into {days.first} to "
            f"{days.last}, so nothing was stored: give the from= and to= of their first import, leave both out, or add "
            "redate=1 and they move"
        )


def tell_undated(dates: "pd.Series[pd.Timestamp]", sources: Sources, tally: Tally, now: datetime) -> None:
    """Note how many rows get the moment of the import, since nothing says when they were."""
    if undated := int(dates.isna().sum()):
        column = f"in a column {sources.date!r}, or " if sources.date else ""
        tally.notes.append(
            f"{undated} rows have no date and all get the second of this import, {now:%Y-%m-%d %H:%M:%S} UTC; if they "
            f"are older, say when they were {column}with from= and to="
        )


def tell_future(dates: "pd.Series[pd.Timestamp]", tally: Tally, now: datetime) -> None:
    """Note how many rows lie in the future."""
    if future := int((dates > now).sum()):
        tally.notes.append(
            f"{future} rows lie in the future, the last on {dates.max():%Y-%m-%d %H:%M} UTC: each is left alone until "
            "its time has come"
        )
