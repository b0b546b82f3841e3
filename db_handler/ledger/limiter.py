"""The limiter's row: what all processes of an address share about their calls to one exchange."""

from typing import Any

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import LIMITER
from db_handler.rows.single_rows import add_row, read_row, write_row

FIRST: dict[str, Any] = {
    "next_at": 0.0,
    "window_start": 0.0,
    "used": 0,
    "taken": 0,
    "rate": 0.0,
    "blocked_until": 0.0,
    "pause": 0.0,
}


def read_limiter(connection: Connection, name: str, lock: bool = True) -> dict[str, Any]:
    """The row of that name, all zero at first; with `lock` others wait until the transaction ends."""
    row = read_row(connection, LIMITER, lock=lock, name=name)
    if row is None:
        if not lock:
            return {"name": name, **FIRST}
        add_row(connection, LIMITER, name=name, **FIRST)
        row = read_row(connection, LIMITER, lock=True, name=name)
    return row or {"name": name, **FIRST}


def write_limiter(connection: Connection, name: str, **values: Any) -> None:
    """Sets these columns of the row."""
    write_row(connection, LIMITER, name=name, **values)
