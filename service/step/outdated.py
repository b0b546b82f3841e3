"""Whether model rows were made by other code or settings than those of now."""

from typing import Any

from db_handler.connection.database import Connection
from db_handler.rows.single_rows import list_rows
from db_handler.tables.table import Table
from service.spec.made_by import MADE_BY


def is_outdated(connection: Connection, features: Table, made_by: str, where: dict[str, Any] | None = None) -> bool:
    """Say whether any of the model rows was made otherwise."""
    orders = ((MADE_BY,), (f"-{MADE_BY}",))
    ends = [list_rows(connection, features, where=where, limit=1, order_by=order) for order in orders]
    return any(row[MADE_BY] != made_by for rows in ends for row in rows)
