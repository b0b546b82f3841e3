"""The limiter's row: what all processes of an address share about their calls to one exchange."""

from typing import Any

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import LIMITER
from db_handler.rows.single_rows import add_row, read_row, write_row

FIRST: dict[str, Any] = {name: 0 for name in LIMITER.columns if name not in LIMITER.key}


def read_limiter(connection: Connection, name: str, lock: bool = True) -> dict[str, Any]:
    """Read the row of that name, all zero at first; with `lock` others wait until the transaction ends."""
    row = read_row(connection, LIMITER, lock=lock, name=name)
    if row is None and lock:
        add_row(connection, LIMITER, name=name, **FIRST)
        row = read_row(connection, LIMITER, lock=True, name=name)
    return row or {"name": name, **FIRST}


def write_limiter(connection: Connection, name: str, **values: Any) -> None:
    """Set these columns of the row."""
    write_row(connection, LIMITER, name=name, **values)
