"""Conditions of a statement: names by the table's own list, values as parameters in their stored form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from db_handler.errors import DatabaseError
from db_handler.tables.table import UNORDERED, Table
from db_handler.tables.values import encode_value, is_null

Bound = tuple[str, Any]
LISTS = (list, tuple, set, frozenset, np.ndarray, pd.Series, pd.Index)


def run_statement(connection: Connection, statement: str, values: Any = ()) -> Any:
    """Runs a statement of ours, in which `?` stands for each value."""
    if connection.dialect.name == "mysql":
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, values)


def quote_column(table: Table, name: str) -> str:
    if name not in table.columns:
        raise DatabaseError(f"Table {table.name} has no column {str(name)[:80]!r}; it has {', '.join(table.columns)}.")
    return f"`{name}`"


def quote_ordered(table: Table, name: str) -> str:
    """A column that both databases put in the same order."""
    quoted = quote_column(table, name)
    if table.columns[name] in UNORDERED:
        raise DatabaseError(
            f"{table.name}.{name} is exact text on SQLite and has no order there; order the frame instead."
        )
    return quoted


def write_conditions(
    table: Table, where: Mapping[str, Any] | None, since: Bound | None, until: Bound | None
) -> tuple[str, list[Any]]:
    """The WHERE clause and its values: equal or among a list, at or after `since`, before `until`."""
    parts: list[str] = []
    values: list[Any] = []
    for name, value in (where or {}).items():
        column = quote_column(table, name)
        if isinstance(value, LISTS):
            among = [_encode(table, name, one) for one in value]
            parts.append(f"{column} IN ({', '.join('?' * len(among))})" if among else "1 = 0")
            values += among
        elif is_null(value):
            parts.append(f"{column} IS NULL")
        else:
            parts.append(f"{column} = ?")
            values.append(_encode(table, name, value))
    for bound, sign in ((since, ">="), (until, "<")):
        if bound is not None:
            parts.append(f"{quote_ordered(table, bound[0])} {sign} ?")
            values.append(_encode(table, *bound))
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def _encode(table: Table, name: str, value: Any) -> Any:
    quote_column(table, name)
    return encode_value(table.columns[name], value, f"{table.name}.{name}")


Record = dict[str, Any]


def bound(moment: datetime | None) -> tuple[str, datetime] | None:
    """A bound on `at`, none where there is no moment."""
    return None if moment is None else ("at", moment)


def given(**conditions: Any) -> Record:
    """The conditions that were given."""
    return {name: value for name, value in conditions.items() if value is not None}
