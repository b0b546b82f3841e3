"""Stores a page in one transaction: candles, watermark, quarantine, revisions and gaps together."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crypto_forecast.exchange.client.answers import Answer
from crypto_forecast.exchange.client.errors import DirtyAnswerError, ExchangeError
from crypto_forecast.loader.candle_slots import find_slot, key_series, name_series
from crypto_forecast.loader.gaps import note_gaps
from crypto_forecast.preprocessor.data_preparation import floor_slot, is_too_dirty
from db_handler.connection.database import Connection, Database
from db_handler.ledger.ledger_tables import QUARANTINE, REVISION
from db_handler.ledger.watermarks import lower_watermark, move_watermark
from db_handler.rows.frames import Upserted, read_rows, upsert_rows
from db_handler.rows.single_rows import list_rows, write_row
from service.spec import Spec

Cell = tuple[datetime, datetime]


def store_page(
    connection: Connection, *, spec: Spec, cell: Cell, sifted: dict[str, Any], answer: Answer
) -> dict[str, Any]:
    """Store what a page brought; the counts say what became of its rows, `empty` where nobody seems to have traded."""
    name, candles, date = name_series(spec), sifted["candles"], answer.date
    end = min(cell[1], floor_slot(date, spec.data.unit))
    oldest, slots = sifted["oldest"] or end, (end - cell[0]) // timedelta(minutes=spec.data.unit)
    # As many rows as requested, all of them wrong, go to the quarantine; fewer are no answer.
    if oldest >= end and len(answer.rows) < slots and find_slot(connection, spec, descending=True, until=end):
        raise ExchangeError(
            f"{spec.data.market}: the exchange answered with no candle before {end:%Y-%m-%d %H:%M} UTC, though there "
            "are older ones; nothing was stored. Run again when it is well."
        )
    stored = upsert_rows(connection, spec.data.raw, candles)
    refused = [row["slot"] for row in sifted["refused"] if row["slot"]]
    empty = note_gaps(
        connection,
        spec,
        start=cell[0],
        end=end,
        oldest=oldest,
        proven_since=oldest if answer.complete and sifted["placed"] else None,
        refused=refused,
        now=date,
    )
    release_rows(connection, spec, list(candles["slot"]), date)
    note_revisions(connection, spec, stored, date)
    if stored.inserted + stored.updated:
        features = name_series(spec, "features")
        lower_watermark(connection, spec.project, features, stored.changed["slot"].min().to_pydatetime())
    move_watermark(connection, spec.project, name, end)
    counts = {"rows": stored.inserted, "updated": stored.updated, "quarantined": len(sifted["refused"]), "pages": 1}
    return {**counts, "empty": empty}


def quarantine_rows(database: Database, spec: Spec, sifted: dict[str, Any], answer: Answer) -> None:
    """Keep the refused rows with their reasons, even if there are so many that the page itself is refused."""
    refused, rows = sifted["refused"], len(answer.rows)
    if not refused:
        return
    database.retry(lambda connection: keep_refused(connection, spec, refused, answer.date))
    if is_too_dirty(len(refused), rows):
        raise DirtyAnswerError(
            f"{spec.data.market}: {len(refused)} of {rows} rows of a page can't be right (the first: "
            f"{refused[0]['row_key']}, {refused[0]['reason']}); none of that page was stored, quartet_quarantine has "
            "them. Run again when the exchange is well."
        )


def keep_refused(connection: Connection, spec: Spec, refused: list[dict[str, Any]], date: datetime) -> None:
    rows = pd.DataFrame(refused).drop(columns="slot").drop_duplicates(["row_key", "reason"])
    rows["reason_hash"] = [hashlib.sha256(reason.encode()).hexdigest() for reason in rows["reason"]]
    earlier = read_rows(
        connection,
        QUARANTINE,
        where={**key_series(spec), "row_key": sorted(set(rows["row_key"]))},
        columns=["row_key", "reason_hash", "asked"],
    )
    times_asked = {(key, reason): int(count) for key, reason, count in earlier.itertuples(index=False)}
    rows["asked"] = [times_asked.get(pair, 0) + 1 for pair in zip(rows["row_key"], rows["reason_hash"], strict=True)]
    upsert_rows(connection, QUARANTINE, rows.assign(**key_series(spec), at=date, resolved_at=None))


def release_rows(connection: Connection, spec: Spec, slots: list[datetime], date: datetime) -> None:
    """Mark refused candles of which a good version has come."""
    keys = {slot.isoformat() for slot in slots}
    for row in list_rows(connection, QUARANTINE, where={**key_series(spec), "resolved_at": None}):
        if row["row_key"] in keys:
            write_row(connection, QUARANTINE, **row | {"resolved_at": date})


def note_revisions(connection: Connection, spec: Spec, stored: Upserted, date: datetime) -> None:
    """Note stored candles that have changed: old values, new values."""
    rows = []
    for before, after in stored.revised:
        old, new = ({name: str(value) for name, value in row.items()} for row in (before, after))
        rows.append({"row_key": before["slot"].isoformat(), "before": old, "after": new})
    if rows:
        upsert_rows(connection, REVISION, pd.DataFrame(rows).assign(**key_series(spec), at=date))
