"""Rows of one table that another lacks, or has otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from db_handler.rows.conditions import Bound, quote_column, run_statement, write_conditions
from db_handler.rows.frames import make_frame
from db_handler.tables.table import Table


def read_changed_rows(
    connection: Connection,
    table: Table,
    other: Table,
    *,
    compare: Sequence[str] = (),
    where: Mapping[str, Any] | None = None,
    there: Mapping[str, Any] | None = None,
    until: Bound | None = None,
    lacking: bool = True,
) -> pd.DataFrame:
    """The rows of `table` that differ from those of `other` with the same key; `lacking` brings those without one, too.

    They are held against each other by the columns of `table`'s key that `other` has; `there` says which of its rows
    count, and with nothing to `compare` only those that it lacks are found.
    """
    names = list(table.columns)
    key = [name for name in table.key if name in other.columns]
    asked, values = write_conditions(table, where, None, until)
    counting, further = write_conditions(other, there, None, None)
    here, theirs = (
        {name: f"{alias}.{quote_column(which, name)}" for name in (*key, *compare)}
        for alias, which in (("t", table), ("o", other))
    )
    differ = [
        f"{here[name]} <> {theirs[name]} OR ({here[name]} IS NULL) <> ({theirs[name]} IS NULL)" for name in compare
    ]
    wanted = [f"({theirs[key[0]]} IS NOT NULL AND ({' OR '.join(differ)}))"] if differ else []
    wanted += [f"{theirs[key[0]]} IS NULL"] * lacking
    statement = (
        f"SELECT {', '.join(f't.`{name}`' for name in names)} FROM (SELECT * FROM `{table.name}`{asked}) t"
        f" LEFT JOIN (SELECT * FROM `{other.name}`{counting}) o"
        f" ON {' AND '.join(f'{theirs[name]} = {here[name]}' for name in key)}"
        f" WHERE {' OR '.join(wanted) or '1 = 0'} ORDER BY {', '.join(f't.`{name}`' for name in table.key)}"
    )
    found = run_statement(connection, statement, (*values, *further)).all()
    return make_frame(table, names, found)
