"""Watermarks: up to which moment rows are complete, moved in the transaction that completes them."""

from datetime import datetime

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import WATERMARK
from db_handler.rows.single_rows import read_row, write_row


def read_watermark(connection: Connection, project: str, name: str, *, lock: bool = True) -> datetime | None:
    """Read the watermark; who lowers it waits until this transaction has ended, unless `lock` is False."""
    row = read_row(connection, WATERMARK, lock=lock, project=project, name=name)
    return row["value"] if row else None


def move_watermark(connection: Connection, project: str, name: str, to: datetime) -> None:
    """Move it forward to a moment, never back."""
    mark = read_watermark(connection, project, name)
    if mark is None or mark < to:
        write_row(connection, WATERMARK, project=project, name=name, value=to)


def lower_watermark(connection: Connection, project: str, name: str, to: datetime) -> None:
    """Move it back to a moment, never forward; nothing where there is no watermark."""
    mark = read_watermark(connection, project, name)
    if mark is not None and to < mark:
        write_row(connection, WATERMARK, project=project, name=name, value=to)
