"""Rows with prices and amounts as Decimals, as the database has them: a frame of the platform's has floats."""

import pandas as pd

from db_handler.connection.database import Connection
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import list_rows
from db_handler.tables.table import Table


def read_exact_rows(connection: Connection, table: Table) -> pd.DataFrame:
    frame, rows = read_rows(connection, table), list_rows(connection, table)
    exact = [name for name, kind in table.columns.items() if kind in ("price", "amount")]
    return frame.assign(**{name: pd.Series([row[name] for row in rows], dtype=object) for name in exact})
