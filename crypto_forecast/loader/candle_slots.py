"""Which candles of a market are stored."""

from datetime import datetime

from db_handler.connection.database import Connection
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import list_rows
from service.spec import Spec

# The most that the exchange hands out at a time.
PAGE_ROWS = 200


def name_series(spec: Spec, what: str = "raw") -> str:
    """Name a config's candles as watermarks, quarantine and gaps do."""
    return f"{what}:{spec.data.market}:{spec.data.unit}"


def find_slot(
    connection: Connection, spec: Spec, *, descending: bool, until: datetime | None = None
) -> datetime | None:
    """Find the oldest or newest stored candle, before `until` if that is given."""
    rows = list_rows(
        connection,
        spec.data.raw,
        where={"market": spec.data.market, "unit": spec.data.unit},
        until=("slot", until) if until else None,
        order_by=("-slot",) if descending else ("slot",),
        limit=1,
    )
    return rows[0]["slot"] if rows else None


def list_slots(connection: Connection, spec: Spec, since: datetime, until: datetime) -> set[datetime]:
    """List the stored candles that start in [since, until)."""
    rows = read_rows(
        connection,
        spec.data.raw,
        where={"market": spec.data.market, "unit": spec.data.unit},
        since=("slot", since),
        until=("slot", until),
        columns=["slot"],
    )
    return {slot.to_pydatetime() for slot in rows["slot"]}
