"""The virtual now of a home that has one, as the demo's: it never goes back."""

from datetime import datetime

from sqlalchemy import Connection

from db_handler.ledger_tables import CLOCK
from db_handler.rows import read_row, write_row

NAME = "virtual"


def read_virtual_now(connection: Connection) -> datetime | None:
    row = read_row(connection, CLOCK, name=NAME)
    return row["now"] if row else None


def move_virtual_now(connection: Connection, to: datetime) -> None:
    row = read_row(connection, CLOCK, name=NAME, lock=True)
    if row is None or row["now"] < to:
        write_row(connection, CLOCK, name=NAME, now=to)
