"""Watermarks: how far a thing is right and complete, moved in the transaction that makes it so."""

from datetime import datetime

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import WATERMARK
from db_handler.rows.single_rows import read_row, write_row


def read_watermark(connection: Connection, project: str, name: str, *, lock: bool = True) -> datetime | None:
    """The watermark; who lowers it waits until this transaction has ended, unless `lock` is False."""
    row = read_row(connection, WATERMARK, lock=lock, project=project, name=name)
    return row["value"] if row else None


def move_watermark(connection: Connection, project: str, name: str, to: datetime) -> None:
    """Forward to a moment, never back."""
    there = read_watermark(connection, project, name)
    if there is None or there < to:
        write_row(connection, WATERMARK, project=project, name=name, value=to)


def lower_watermark(connection: Connection, project: str, name: str, to: datetime) -> None:
    """Back to a moment, never forward; nothing where there is no watermark."""
    there = read_watermark(connection, project, name)
    if there is not None and to < there:
        write_row(connection, WATERMARK, project=project, name=name, value=to)
