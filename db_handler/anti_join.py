"""Rows of one table that another has no row for."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from db_handler.conditions import Bound, quote_column, run_statement, write_conditions
from db_handler.frames import make_frame
from db_handler.tables import Table


def read_missing_rows(
    connection: Connection,
    table: Table,
    other: Table,
    *,
    where: Mapping[str, Any] | None = None,
    there: Mapping[str, Any] | None = None,
    since: Bound | None = None,
    until: Bound | None = None,
) -> pd.DataFrame:
    """The rows of `table` whose key no row of `other` has; `there` says which rows of `other` count."""
    names = list(table.columns)
    clause, values = write_conditions(table, where, since, until)
    inner, further = write_conditions(other, there, None, None)
    same = [
        f"`{other.name}`.{quote_column(other, name)} = `{table.name}`.{quote_column(table, name)}"
        for name in table.key
        if name in other.columns
    ]
    nothing = f"NOT EXISTS (SELECT 1 FROM `{other.name}`{inner or ' WHERE 1 = 1'} AND {' AND '.join(same)})"
    statement = (
        f"SELECT {', '.join(f'`{name}`' for name in names)} FROM `{table.name}`{clause or ' WHERE 1 = 1'}"
        f" AND {nothing} ORDER BY {', '.join(f'`{name}`' for name in table.key)}"
    )
    found = run_statement(connection, statement, (*values, *further)).all()
    return make_frame(table, names, found)
