"""Frames in and out of tables; every function works on a connection that is in a transaction."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, bindparam, text

from db_handler.rows.conditions import LISTS, Bound, quote_column, quote_ordered, run_statement, write_conditions
from db_handler.rows.upsert import Upserted, upsert_rows
from db_handler.tables.columns import decode_column
from db_handler.tables.table import Table
from db_handler.tables.values import encode_time, to_utc

__all__ = ["Upserted", "delete_rows", "read_query", "read_rows", "to_utc", "upsert_rows"]

STORED_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
STORED_DECIMAL = re.compile(r"-?\d+\.\d{8}")


def read_rows(
    connection: Connection,
    table: Table,
    *,
    where: Mapping[str, Any] | None = None,
    since: Bound | None = None,
    until: Bound | None = None,
    columns: Sequence[str] | None = None,
    order_by: str | Sequence[str] | None = None,
    descending: bool = False,
    limit: int | None = None,
    exact: bool = False,
) -> pd.DataFrame:
    """The rows that meet the conditions, in the order of the key; `exact` keeps prices and amounts as Decimals."""
    names = list(columns or table.columns)
    order = [order_by] if isinstance(order_by, str) else order_by or table.key
    direction = " DESC" if descending else ""
    clause, values = write_conditions(table, where, since, until)
    statement = (
        f"SELECT {', '.join(quote_column(table, name) for name in names)} FROM `{table.name}`{clause}"
        f" ORDER BY {', '.join(quote_ordered(table, name) + direction for name in order)}"
    )
    if limit is not None:
        statement, values = f"{statement} LIMIT ?", [*values, int(limit)]
    found = run_statement(connection, statement, tuple(values)).all()
    return make_frame(table, names, found, exact=exact)


def make_frame(table: Table, names: Sequence[str], rows: Sequence[Any], *, exact: bool = False) -> pd.DataFrame:
    """Stored rows as a frame."""
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    decoded = {n: decode_column(table.columns[n], c, exact=exact) for n, c in zip(names, columns, strict=True)}
    return pd.DataFrame(decoded, copy=False)


def delete_rows(
    connection: Connection,
    table: Table,
    *,
    where: Mapping[str, Any] | None = None,
    since: Bound | None = None,
    until: Bound | None = None,
) -> int:
    """Deletes the rows that meet the conditions and says how many there were."""
    clause, values = write_conditions(table, where, since, until)
    return int(run_statement(connection, f"DELETE FROM `{table.name}`{clause}", tuple(values)).rowcount)


def read_query(connection: Connection, query: Path | str, /, **parameters: Any) -> pd.DataFrame:
    """A SELECT, from a file or as text, with `:name` for each parameter; stored times and decimals are recognised.

    Prices and amounts are text on SQLite: a statement compares and sums `trade_price + 0.0`, which both read alike.
    """
    if isinstance(query, Path) or query.endswith(".sql"):
        query = Path(query).read_text(encoding="utf-8")
    lists = [name for name, value in parameters.items() if isinstance(value, LISTS)]
    statement = text(query).bindparams(*(bindparam(name, expanding=True) for name in lists))
    result = connection.execute(statement, {name: _as_parameter(value) for name, value in parameters.items()})
    rows = result.all()
    columns = list(zip(*rows, strict=True)) or [()] * len(result.keys())
    return pd.DataFrame({name: _recognise(column) for name, column in zip(result.keys(), columns, strict=True)})


def _as_parameter(value: Any) -> Any:
    if isinstance(value, LISTS):
        return [_as_parameter(one) for one in value]
    if isinstance(value, datetime):
        return encode_time("time", value)
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, Decimal) else value


def _recognise(values: Sequence[Any]) -> Any:
    there = [value for value in values if value is not None]
    if there and all(isinstance(value, str) for value in there):
        for form, kind in ((STORED_TIME, "time"), (STORED_DECIMAL, "price")):
            if all(form.fullmatch(value) for value in there):
                return decode_column(kind, values)
    return list(values)
