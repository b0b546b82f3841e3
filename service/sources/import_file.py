"""The verb import: the rows of a CSV file into a project's source tables, repeatable."""

import logging
from datetime import datetime, timedelta
from typing import Any

from db_handler.ledger.practice import end_practice
from service.sources.date_rows import (
    insist_on_dates,
    read_dates,
    refuse_moves,
    spread_dates,
    tell_future,
    tell_undated,
)
from service.sources.day_range import DayRange
from service.sources.file_rows import Tally, read_file
from service.sources.fill_tables import fill_tables, open_sources
from service.sources.name_rows import merge_rows, name_rows
from service.sources.table_rows import PART, add_moments, cut_parts, read_known_dates, split_rows
from service.spec import Spec
from service.step import Run
from service.step.progress import track

log = logging.getLogger(__name__)
MANY = 20  # parts


def import_file(
    spec: Spec,
    run: Run,
    *,
    file: str,
    days: DayRange | None = None,
    at: datetime | None = None,
    delay: timedelta | None = None,
    redate: bool = False,
) -> dict[str, Any]:
    """Import a file; rows without a date of their own get one of `days`, else `at`, else what they have, else now.

    Rows that are stored move to other days only with `redate`.
    """
    sources = open_sources(spec, run.database)
    rows, tally = read_file(file, sources)
    rows, dates = read_dates(rows, sources, tally, run.now)
    rows = insist_on_dates(rows, dates, sources, tally, days, at)
    tally.insist(rows)

    rows = merge_rows(rows, sources, tally)
    ids = name_rows(rows, dates.loc[rows.index], sources)
    tables, dates = split_rows(rows, ids, sources), dates.loc[rows.index]
    if days is not None:
        own, dates = dates, dates.fillna(spread_dates(ids, days))
        if not redate:
            refuse_moves(dates, read_known_dates(run.database, sources, tables, own), tally, days)
    elif at is None:
        dates = dates.fillna(read_known_dates(run.database, sources, tables, dates))
        tell_undated(dates, sources, tally, run.now)
    dates = dates.fillna((at or run.now).replace(microsecond=0))
    tell_future(dates, tally, run.now)
    tables = add_moments(tables, sources, dates, spec.data.label_delay if delay is None else delay)

    # In the order of the tables' keys neighbours are read and stored together.
    ordered = rows.sort_values(list(sources.key)) if sources.key else ids.sort_values()
    parts = cut_parts(tables, ordered.index)
    shown = track(parts, -(-len(rows) // PART), f"{spec.project}: {tally.name}", long=MANY)
    practice = run.database.retry(lambda connection: end_practice(connection, spec.project, sources.tables))
    if practice:
        log.warning(
            "%s holds practice data, and these rows come beside it: if they are those of the world, import them "
            "into another home, such as QUARTET_HOME=artifacts/live",
            practice,
        )
    counts = fill_tables(run.database, sources, shown)
    span = {"first": dates.min().isoformat(), "last": dates.max().isoformat()}
    return {**_tell(tally), "stored": len(rows), **span, "tables": counts}


def _tell(tally: Tally) -> dict[str, Any]:
    """Log what was mended, refused and ignored, and what may be a mistake; return the counts."""
    for note in tally.notes:
        log.warning("%s: %s", tally.name, note)
    mended = {kind: count for kind, count in tally.mended.items() if count}
    for what, sentence in (
        ("mended", "; ".join(f"{kind}: {count}" for kind, count in mended.items())),
        ("refused", "; ".join(f"{reason}: {refusal}" for reason, refusal in tally.refused.items())),
        ("ignored", ", ".join(tally.ignored)),
    ):
        if sentence:
            log.info("%s: %s %s", tally.name, what, sentence)
    refused = {why: {"rows": refusal.rows, "first_line": refusal.first_line} for why, refusal in tally.refused.items()}
    return {
        "rows": tally.rows, "mended": mended, "refused": refused, "ignored": tally.ignored, "notes": tally.notes,
    }  # fmt: skip
