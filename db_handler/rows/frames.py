"""Frames in and out of tables; every function works on a connection that is in a transaction."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, CursorResult, bindparam, text

from db_handler.rows.conditions import LISTS, Bound, Where, check_order, encode_conditions
from db_handler.rows.divisions import keep_remainders
from db_handler.rows.statements import Query, select_rows, write_delete
from db_handler.rows.upsert import Upserted, upsert_rows
from db_handler.tables.columns import decode_column, turn_rows
from db_handler.tables.table import Table, check_names
from db_handler.tables.values import encode_time

__all__ = ["Upserted", "delete_rows", "read_query", "read_rows", "upsert_rows"]

MYSQL_DECIMALS = (0, 246)  # the driver's FIELD_TYPE.DECIMAL and NEWDECIMAL; it is not imported for SQLite
STORED_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
STORED_DECIMAL = re.compile(r"-?\d+\.\d{8}")


def read_rows(
    connection: Connection,
    table: Table,
    *,
    where: Where = None,
    since: Bound = None,
    until: Bound = None,
    columns: Sequence[str] | None = None,
    order_by: str | Sequence[str] | None = None,
    limit: int | None = None,
) -> pd.DataFrame:
    """Read the rows that meet the conditions, in the order of the key or of `order_by`; `-name` orders descending."""
    names = tuple(columns or table.columns)
    order = (order_by,) if isinstance(order_by, str) else tuple(order_by or table.key)
    check_names(table, *names)
    check_order(table, *(name.removeprefix("-") for name in order))
    conditions = encode_conditions(table, where, since, until)
    query = Query(table, names, conditions.comparisons, order, limit)
    return make_frame(table, names, select_rows(connection, query, conditions.parameters()))


def make_frame(table: Table, names: Sequence[str], rows: Sequence[Any]) -> pd.DataFrame:
    """Make a frame of stored rows."""
    decoded = {name: decode_column(table.columns[name], values) for name, values in turn_rows(names, rows)}
    return pd.DataFrame(decoded, copy=False)


def delete_rows(
    connection: Connection, table: Table, *, where: Where = None, since: Bound = None, until: Bound = None
) -> int:
    """Delete the rows that meet the conditions, and count them."""
    conditions = encode_conditions(table, where, since, until)
    return connection.execute(write_delete(table, conditions.comparisons), conditions.parameters()).rowcount


def read_query(connection: Connection, query: Path | str, /, **parameters: Any) -> pd.DataFrame:
    """Run a SELECT, from a file or as text, with `:name` for each parameter; stored times and decimals are recognised.

    Whatever is computed of numbers comes as a float, or whole where all of it is whole. Prices and amounts are text on
    SQLite: a statement compares `trade_price + 0.0`, which both read alike.
    """
    if isinstance(query, Path) or query.endswith(".sql"):
        query = Path(query).read_text(encoding="utf-8")
    if connection.dialect.name == "sqlite":
        query = keep_remainders(query)
    lists = [name for name, value in parameters.items() if isinstance(value, LISTS)]
    statement = text(query).bindparams(*(bindparam(name, expanding=True) for name in lists))
    result = connection.execute(statement, {name: _as_parameter(value) for name, value in parameters.items()})
    kinds, names, rows = _read_kinds(result), result.keys(), result.all()
    columns = zip(turn_rows(names, rows), kinds, strict=True)
    return pd.DataFrame({name: _recognise(column, kind) for (name, column), kind in columns})


def _read_kinds(result: CursorResult[Any]) -> list[str | None]:
    """Read which columns are decimals of MySQL, such as its averages, quotients and sums."""
    assert result.cursor is not None  # noqa: S101  # a SELECT has one until its rows are read
    kinds: list[str | None] = []
    for _, code, _, _, _, scale, _ in result.cursor.description:
        is_decimal = result.dialect.name == "mysql" and code in MYSQL_DECIMALS
        kinds.append(("price" if scale else "integer") if is_decimal else None)
    return kinds


def _as_parameter(value: Any) -> Any:
    if isinstance(value, LISTS):
        return [_as_parameter(one) for one in value]
    if isinstance(value, datetime):
        return encode_time("time", value)
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, Decimal) else value


def _recognise(values: Sequence[Any], kind: str | None) -> Any:
    texts = [value for value in values if value is not None]
    if texts and kind == "price":
        return decode_column(kind, values)
    if kind == "integer":
        return [None if value is None else int(value) for value in values]
    if texts and all(isinstance(value, str) for value in texts):
        for form, stored in ((STORED_TIME, "time"), (STORED_DECIMAL, "price")):
            if all(form.fullmatch(value) for value in texts):
                return decode_column(stored, values)
    return list(values)
