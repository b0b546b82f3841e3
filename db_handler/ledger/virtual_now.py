"""The virtual now of a home that has one, as the demo's or a replay's: it never goes back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from db_handler.clock import Clock, VirtualClock, WallClock
from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.ledger.ledger_tables import CLOCK, RUN
from db_handler.rows.single_rows import list_rows, read_row, write_row

NAME, END = "virtual", "virtual end"


def read_virtual_now(connection: Connection, name: str = NAME) -> datetime | None:
    row = read_row(connection, CLOCK, name=name)
    return row["now"] if row else None


def open_clock(database: Database) -> Clock:
    """Open the clock that this database lives by: the machine's, or a virtual one."""
    with database.begin(writing=False) as connection:
        virtual = read_virtual_now(connection)
    return WallClock() if virtual is None else VirtualClock(virtual)


def begin_virtual_time(connection: Connection, now: datetime, *, end: datetime | None = None) -> None:
    """Give the home a virtual now, and say until when its world has something to show."""
    write_row(connection, CLOCK, name=NAME, now=now)
    if end is not None:
        write_row(connection, CLOCK, name=END, now=end)


def read_virtual_end(connection: Connection) -> datetime | None:
    return read_virtual_now(connection, END)


def move_virtual_now(connection: Connection, to: datetime) -> None:
    row = read_row(connection, CLOCK, name=NAME, lock=True)
    if row is None or row["now"] < to:
        write_row(connection, CLOCK, name=NAME, now=to)


def has_worked(connection: Connection, kinds: Sequence[str]) -> bool:
    """Say whether runs of these kinds have done anything here, or are at it."""
    where = {"kind": [*kinds], "status": ["running", "done"]}
    return bool(list_rows(connection, RUN, where=where, limit=1))


def refuse_virtual_time(database: Database) -> None:
    """Refuse a home with a virtual now to who works by the machine's clock."""
    with database.begin(writing=False) as connection:
        now = read_virtual_now(connection)
    if now is not None:
        raise UsageError(
            f"The home of {database.place} lives in a virtual time ({now:%Y-%m-%d %H:%M} UTC), and what is live never "
            "does: name another folder in QUARTET_HOME."
        )
