"""Merges the source tables into extracts: which days need one, what it holds, and how long it is kept."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pandas as pd

from db_handler.connection.database import Connection
from db_handler.errors import NotYetError, QuartetError
from db_handler.ledger.watermarks import lower_watermark, move_watermark, read_watermark
from db_handler.rows.frames import delete_rows, read_query, read_rows, upsert_rows
from service.spec import Spec

DAY = timedelta(days=1)
KEPT = 7 * DAY
STRIDE = 28 * DAY  # the shortest month: extracts that far apart leave no day out
MONTH = pd.DateOffset(months=1)
QUERIES = Path(__file__).parent
PREPARED = "prepared"  # the watermark: extracts of earlier days are model rows already


def list_days(today: date, *, first: date, missed: date | None, stored: set[date]) -> list[date]:
    """List the days that need an extract, oldest first: each of the last seven that has none, and the day itself.

    Strides lead from the first thing that the model rows missed up to the day, however long the gap. Where older rows
    came late, or moved, the stored extracts may be outdated, so they are made again.
    """
    strides = {missed + place * STRIDE for place in range(1, (today - missed) // STRIDE + 1)} if missed else set()
    week = {today - place * DAY for place in range(KEPT.days)} - (set() if strides else stored)
    return sorted({today, *(day for day in week if day >= first), *strides})


def plan_extracts(connection: Connection, spec: Spec, at: datetime) -> list[date]:
    """List the days up to a moment whose rows of the source tables no extract holds yet."""
    bounds = read_query(connection, QUERIES / "find_bounds.sql").iloc[0]
    if pd.isna(bounds["oldest"]) and read_watermark(connection, spec.project, PREPARED) is None:
        raise NotYetError(
            f"{spec.unit}: the table credit_score_features has never held a row: import or generate some first, as "
            "with make run p=credit_score k=import file=..."
        )
    missed = read_query(connection, QUERIES / "find_missed.sql", at=at)["moment"].iloc[0]
    stored = read_rows(connection, spec.data.raw, columns=["extract_date"], order_by="extract_date")["extract_date"]
    first, missed = (None if pd.isna(moment) else moment.date() for moment in (bounds["oldest"], missed))
    return list_days(at.date(), first=first or at.date(), missed=missed, stored=set(stored.dt.date))


def store_extract(connection: Connection, spec: Spec, day: date, at: datetime) -> int:
    """Replace the extract of a day; it holds the rows that came or were labelled in the month up to then."""
    begin = datetime.combine(day, time(), UTC)
    since, until = pd.Timestamp(begin) - MONTH, min(at, begin + DAY - timedelta(microseconds=1))
    rows = read_query(connection, QUERIES / "extract_rows.sql", since=since, until=until)
    if rows.empty and day == at.date():
        newest = read_query(connection, QUERIES / "find_bounds.sql")["newest"].iloc[0]
        last = "is empty now" if pd.isna(newest) else f"has rows until {newest:%Y-%m-%d %H:%M} UTC"
        raise QuartetError(
            f"{spec.unit}: no features came and no label became known between {since:%Y-%m-%d %H:%M} and "
            f"{until:%Y-%m-%d %H:%M} UTC, so the extract of {day} would be empty; nothing was stored. "
            f"credit_score_features {last}: fill it, or run data for a moment of which it has rows, with at=..."
        )
    delete_rows(connection, spec.data.raw, where={"extract_date": day})
    texts = {name: "string" for name, kind in spec.data.raw.columns.items() if kind == "text"}
    upsert_rows(connection, spec.data.raw, rows.astype(texts).assign(extract_date=day))
    lower_watermark(connection, spec.project, PREPARED, begin)
    return len(rows)


def drop_old_extracts(connection: Connection, spec: Spec, at: datetime) -> int:
    """Drop what is older than the last seven days."""
    return delete_rows(connection, spec.data.raw, until=("extract_date", at.date() - KEPT + DAY))


def read_news(connection: Connection, spec: Spec, at: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the extracts that are no model rows yet, and what the model rows hold of the same days and later ones."""
    mark = read_watermark(connection, spec.project, PREPARED)
    since = ("extract_date", mark.date()) if mark else None
    news = read_rows(connection, spec.data.raw, since=since, until=("extract_date", at.date() + DAY))
    columns = [*spec.data.features.key, "extract_date", "moment", "label_at"]
    return news, read_rows(connection, spec.data.features, columns=columns, since=since)


def finish_extracts(connection: Connection, spec: Spec, at: datetime) -> None:
    """Note that the extracts up to a moment have become model rows; older than seven days, they are needed no more."""
    drop_old_extracts(connection, spec, at)
    move_watermark(connection, spec.project, PREPARED, datetime.combine(at.date() + DAY, time(), UTC))
