"""Single rows as dicts, for the ledger: no frame is built for one row."""

from typing import Any

from sqlalchemy import Connection

from db_handler.rows.conditions import quote_column, run_statement, write_conditions
from db_handler.rows.upsert import write_statement
from db_handler.tables.table import Table
from db_handler.tables.values import decode_value, encode_value


def read_row(connection: Connection, table: Table, *, lock: bool = False, **key: Any) -> dict[str, Any] | None:
    """The first row that meets the conditions; `lock` keeps others from changing it until the transaction ends."""
    found = list_rows(connection, table, where=key, limit=1, lock=lock)
    return found[0] if found else None


def list_rows(
    connection: Connection,
    table: Table,
    *,
    where: dict[str, Any] | None = None,
    since: tuple[str, Any] | None = None,
    until: tuple[str, Any] | None = None,
    order_by: tuple[str, ...] = (),
    descending: bool = False,
    limit: int | None = None,
    lock: bool = False,
) -> list[dict[str, Any]]:
    """Rows as dicts of plain values: aware moments, Decimals, what the JSON says."""
    clause, values = write_conditions(table, where, since, until)
    direction = " DESC" if descending else ""
    order = ", ".join(quote_column(table, name) + direction for name in order_by or table.key)
    statement = (
        f"SELECT {', '.join(f'`{name}`' for name in table.columns)} FROM `{table.name}`{clause} ORDER BY {order}"
    )
    if limit is not None:
        statement, values = f"{statement} LIMIT ?", [*values, limit]
    if lock and connection.dialect.name == "mysql":
        statement += " FOR UPDATE"
    found = run_statement(connection, statement, tuple(values)).all()
    kinds = table.columns.items()
    return [{name: decode_value(kind, v) for (name, kind), v in zip(kinds, row, strict=True)} for row in found]


def write_row(connection: Connection, table: Table, **values: Any) -> None:
    """Inserts the row, or sets these columns of the one with its key."""
    names = tuple(values)
    for name in names:
        quote_column(table, name)
    stored = tuple(encode_value(table.columns[n], v, f"{table.name}.{n}") for n, v in values.items())
    run_statement(connection, write_statement(table, names, connection.dialect.name), stored)


def add_row(connection: Connection, table: Table, **values: Any) -> None:
    """Inserts the row where none of its key is there yet, else leaves that as it is."""
    stored = {n: encode_value(table.columns[n], v, f"{table.name}.{n}") for n, v in values.items()}
    columns = ", ".join(quote_column(table, name) for name in stored)
    key = f"`{table.key[0]}`"
    # Not INSERT IGNORE: that would hide other mistakes, and lock the row in a way that two of them deadlock.
    leave = f"ON DUPLICATE KEY UPDATE {key} = {key}" if connection.dialect.name == "mysql" else "ON CONFLICT DO NOTHING"
    statement = f"INSERT INTO `{table.name}` ({columns}) VALUES ({', '.join('?' * len(stored))}) {leave}"
    run_statement(connection, statement, tuple(stored.values()))
