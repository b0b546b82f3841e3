"""Which candles of a market are stored."""

from datetime import datetime
from typing import Any

from db_handler.connection.database import Connection
from db_handler.ledger.watermarks import read_watermark
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import list_rows
from service.spec import Spec
from service.step import Run

# The most that the exchange hands out at a time.
PAGE_ROWS = 200


def name_series(spec: Spec, what: str = "raw") -> str:
    """Name a config's candles as watermarks, quarantine and gaps do."""
    return f"{what}:{spec.data.market}:{spec.data.unit}"


def key_series(spec: Spec) -> dict[str, str]:
    """Give the columns by which quarantine, gaps and revisions hold a config's candles."""
    return {"project": spec.project, "name": name_series(spec)}


def read_mark(run: Run, spec: Spec, what: str = "raw") -> datetime | None:
    """Read a watermark of a config's candles."""
    with run.database.begin(writing=False) as connection:
        return read_watermark(connection, spec.project, name_series(spec, what), lock=False)


def find_slot(
    connection: Connection, spec: Spec, *, descending: bool, until: datetime | None = None
) -> datetime | None:
    """Find the oldest or newest stored candle, before `until` if that is given."""
    end, order = ("slot", until) if until else None, ("-slot",) if descending else ("slot",)
    rows = list_rows(connection, spec.data.raw, where=spec.data.where, until=end, order_by=order, limit=1)
    return rows[0]["slot"] if rows else None


def list_slots(connection: Connection, spec: Spec, since: datetime, until: datetime) -> set[datetime]:
    """List the stored candles that start in [since, until)."""
    span: dict[str, Any] = {"since": ("slot", since), "until": ("slot", until)}
    rows = read_rows(connection, spec.data.raw, where=spec.data.where, columns=["slot"], **span)
    return {slot.to_pydatetime() for slot in rows["slot"]}
