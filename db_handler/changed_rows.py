"""Rows of one table that another lacks, or has otherwise."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection

from db_handler.conditions import Bound, quote_column, run_statement, write_conditions
from db_handler.frames import make_frame
from db_handler.tables import Table


def read_changed_rows(
    connection: Connection,
    table: Table,
    other: Table,
    *,
    compare: Sequence[str],
    until: Bound | None = None,
    lacking: bool = True,
) -> pd.DataFrame:
    """The rows of `table` that differ from those of `other` with the same key; `lacking` brings those without one, too.

    The tables are joined by the key of `table`, whose columns `other` has, too.
    """
    names = [*dict.fromkeys([*table.key, *table.columns])]
    clause, values = write_conditions(table, None, None, until)
    here, there = (
        {name: f"{alias}.{quote_column(which, name)}" for name in (*table.key, *compare)}
        for alias, which in (("t", table), ("o", other))
    )
    same = " AND ".join(f"{there[name]} = {here[name]}" for name in table.key)
    differ = [f"{here[name]} <> {there[name]} OR ({here[name]} IS NULL) <> ({there[name]} IS NULL)" for name in compare]
    wanted = [f"({there[table.key[0]]} IS NOT NULL AND ({' OR '.join(differ)}))"] if differ else []
    wanted += [f"{there[table.key[0]]} IS NULL"] * lacking
    statement = (
        f"SELECT {', '.join(f't.`{name}`' for name in names)} FROM `{table.name}` t"
        f" LEFT JOIN `{other.name}` o ON {same}"
        f"{clause.replace('`', 't.`', 1) if clause else ' WHERE 1 = 1'} AND ({' OR '.join(wanted) or '1 = 0'})"
        f" ORDER BY {', '.join(f't.`{name}`' for name in table.key)}"
    )
    found = run_statement(connection, statement, tuple(values)).all()
    return make_frame(table, names, found)
