"""Single rows as dicts, for the ledger: no frame is built for one row."""

from typing import Any

from sqlalchemy import Connection

from db_handler.rows.conditions import Bound, Where, encode_conditions
from db_handler.rows.statements import Query, select_rows, write_upsert
from db_handler.tables.table import Table, check_names
from db_handler.tables.values import decode_value, encode_value


def read_row(connection: Connection, table: Table, *, lock: bool = False, **key: Any) -> dict[str, Any] | None:
    """Read the first row that meets the conditions; `lock` keeps others from changing it in this transaction."""
    rows = list_rows(connection, table, where=key, limit=1, lock=lock)
    return rows[0] if rows else None


def list_rows(
    connection: Connection,
    table: Table,
    *,
    where: Where = None,
    since: Bound = None,
    until: Bound = None,
    order_by: tuple[str, ...] = (),
    limit: int | None = None,
    lock: bool = False,
) -> list[dict[str, Any]]:
    """Read rows as dicts of plain values: aware moments, Decimals, what the JSON says; `-name` orders descending."""
    check_names(table, *(name.removeprefix("-") for name in order_by))
    conditions = encode_conditions(table, where, since, until)
    query = Query(table, tuple(table.columns), conditions.comparisons, order_by or table.key, limit, lock)
    rows = select_rows(connection, query, conditions.parameters())
    kinds = table.columns.items()
    return [{name: decode_value(kind, v) for (name, kind), v in zip(kinds, row, strict=True)} for row in rows]


def write_row(connection: Connection, table: Table, **values: Any) -> None:
    """Insert the row, or set these columns of the one with its key."""
    _write(connection, table, values, update=True)


def add_row(connection: Connection, table: Table, **values: Any) -> None:
    """Insert the row where none has its key, else leave that as it is."""
    _write(connection, table, values, update=False)


def _write(connection: Connection, table: Table, values: dict[str, Any], *, update: bool) -> None:
    check_names(table, *values)
    names = tuple(name for name in table.columns if name in values)
    stored = tuple(encode_value(table.columns[name], values[name], f"{table.name}.{name}") for name in names)
    connection.exec_driver_sql(write_upsert(table, names, connection.dialect.name, update=update), stored)
