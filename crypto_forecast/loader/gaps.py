"""The gap report: which candles are missing between those that are stored, and why."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from crypto_forecast.loader.candle_slots import PAGE_ROWS, find_slot, key_series, list_slots, name_series
from crypto_forecast.preprocessor.data_preparation import find_holes
from db_handler.clock import TICK
from db_handler.connection.database import Connection
from db_handler.ledger.ledger_tables import GAP
from db_handler.ledger.watermarks import read_watermark
from db_handler.rows.frames import read_query, upsert_rows
from db_handler.rows.single_rows import list_rows
from service.spec import Spec
from service.step import Run

# How often a candle that was refused, or is missing for no known reason, is requested again: a bad weekend of four-hour
# cycles, with some runs by hand, must not use it up.
MOST_ASKS = 24
SETTLED = ("no_trade", "exchange")
HERE = Path(__file__).parent


def note_gaps(
    connection: Connection,
    spec: Spec,
    *,
    start: datetime,
    end: datetime,
    oldest: datetime,
    proven_since: datetime | None,
    refused: list[datetime],
    now: datetime,
) -> list[datetime]:
    """Note new holes in [start, end) with their reason after a page, and close those that are filled.

    `oldest` is the first place that the answer reaches, which in a thin market is long before `start`;
    `proven_since` is where it became complete: what is missing after that does not exist.
    """
    newest = find_slot(connection, spec, descending=True)
    before = find_slot(connection, spec, descending=True, until=min(start, oldest))
    since = before or find_slot(connection, spec, descending=False) or end
    stored = list_slots(connection, spec, since, end)
    holes = dict.fromkeys(find_holes(stored, since, min(end, newest or since), spec.data.unit), "unknown")
    for slot in holes:
        if proven_since and slot >= proven_since:
            holes[slot] = "no_trade"
    holes.update({slot: "quarantined" for slot in refused if slot not in stored})
    series, begin = key_series(spec), ("slot", min(since, start))
    gaps = {gap["slot"]: gap for gap in list_rows(connection, GAP, where=series, since=begin, until=("slot", end))}
    rows = [row for slot, reason in holes.items() if (row := judge_gap(gaps.get(slot), reason, slot, now))]
    rows += [{**gap, "closed_at": now} for slot, gap in gaps.items() if slot in stored and gap["closed_at"] is None]
    write_gaps(connection, series, rows)
    return [row["slot"] for row in rows if row["reason"] == "no_trade" and row["closed_at"] is None]


def judge_gap(gap: Mapping[str, Any] | None, reason: str, slot: datetime, now: datetime) -> dict[str, Any] | None:
    """Make the row of a hole, None where nothing is new; a settled reason outlasts a lack of proof."""
    if gap is None:
        return {"slot": slot, "reason": reason, "asked": 0, "found_at": now, "closed_at": None}
    settled = gap["reason"] in SETTLED and reason in ("unknown", "no_trade")
    if gap["closed_at"] is None and (settled or gap["reason"] == reason):
        return None
    return {**gap, "reason": reason, "closed_at": None}


def plan_gaps(spec: Spec, run: Run, _: object) -> list[tuple[datetime, datetime]]:
    """Plan cells for the candles that are requested again; each request counts."""
    series, step = key_series(spec), timedelta(minutes=spec.data.unit)
    wanted = {"reason": ["unknown", "quarantined"], "asked": list(range(MOST_ASKS)), "closed_at": None}

    def count_asks(connection: Connection) -> list[datetime]:
        gaps = list_rows(connection, GAP, where={**series, **wanted}, until=("slot", run.at - step + TICK))
        write_gaps(connection, series, [{"slot": gap["slot"], "asked": gap["asked"] + 1} for gap in gaps])
        return [gap["slot"] for gap in gaps]

    return group_slots(run.database.retry(count_asks), step)


def group_slots(slots: list[datetime], step: timedelta) -> list[tuple[datetime, datetime]]:
    """Group slots into as few cells of at most a page as possible."""
    cells: list[tuple[datetime, datetime]] = []
    for slot in slots:
        if cells and slot < cells[-1][0] + PAGE_ROWS * step:
            cells[-1] = (cells[-1][0], slot + step)
        else:
            cells.append((slot, slot + step))
    return cells


def compare_markets(run: Run, spec: Spec, slots: list[datetime]) -> None:
    """Find what is missing in every market collected so far, a gap of the exchange; elsewhere nobody traded."""
    if slots:
        run.database.retry(lambda connection: share_gaps(connection, run.platform.specs, spec, sorted(slots)))


def share_gaps(connection: Connection, specs: Mapping[str, Spec], spec: Spec, slots: list[datetime]) -> None:
    others = {name_series(other): other for other in specs.values() if other.data.unit == spec.data.unit}
    spans = {name: find_span(connection, other, name) for name, other in others.items()}
    missing: dict[datetime, list[str]] = defaultdict(list)
    settled = {"project": spec.project, "name": list(others), "reason": list(SETTLED), "closed_at": None}
    for gap in list_rows(connection, GAP, where=settled, since=("slot", slots[0]), until=("slot", slots[-1] + TICK)):
        missing[gap["slot"]].append(gap["name"])
    for slot in slots:
        markets = [name for name, span in spans.items() if span and span[0] < slot < span[1]]
        if len(markets) > 1 and set(markets) <= set(missing[slot]):
            for name in markets:
                gap = {"slot": slot, "reason": "exchange"}
                write_gaps(connection, {"project": spec.project, "name": name}, [gap])


def find_span(connection: Connection, spec: Spec, name: str) -> tuple[datetime, datetime] | None:
    """Find the span from a market's oldest candle to its watermark."""
    oldest = find_slot(connection, spec, descending=False)
    mark = read_watermark(connection, spec.project, name, lock=False)
    return (oldest, mark) if oldest and mark else None


def count_gaps(run: Run, spec: Spec) -> dict[str, int]:
    """Count how many candles are missing now, by reason."""
    with run.database.begin(writing=False) as connection:
        counts = read_query(connection, HERE / "count_gaps.sql", **key_series(spec))
    return {str(reason): int(number) for reason, number in zip(counts["reason"], counts["number"], strict=True)}


def write_gaps(connection: Connection, series: dict[str, str], rows: list[dict[str, Any]]) -> None:
    if rows:
        upsert_rows(connection, GAP, pd.DataFrame(rows).assign(**series))
