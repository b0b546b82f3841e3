"""Which tables hold practice data alone: a mark in the ledger, so that it is never mixed with rows of the world."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import WATERMARK
from db_handler.rows.frames import delete_rows
from db_handler.rows.single_rows import list_rows, read_row, write_row
from db_handler.tables.table import Table


def claim_for_practice(connection: Connection, project: str, tables: Sequence[Table], at: datetime) -> str | None:
    """Mark tables that are empty or hold practice data alone; name the first that holds other rows instead."""
    for table in tables:
        mark = {"project": project, "name": _name(table)}
        if read_row(connection, WATERMARK, lock=True, **mark) is None:
            if list_rows(connection, table, limit=1):
                return table.name
            write_row(connection, WATERMARK, **mark, value=at)
    return None


def end_practice(connection: Connection, project: str, tables: Sequence[Table]) -> str | None:
    """Take the marks away, as real rows come into the tables; name the first that holds practice data."""
    marked = (table for table in tables if read_row(connection, WATERMARK, project=project, name=_name(table)))
    held = next((table.name for table in marked if list_rows(connection, table, limit=1)), None)
    delete_rows(connection, WATERMARK, where={"project": project, "name": [_name(table) for table in tables]})
    return held


def _name(table: Table) -> str:
    return f"practice data in {table.name}"
