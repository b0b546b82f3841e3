"""Ways to bring candles into a table that one would take instead of ours; each begins with its preferred input."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pymysql
from pymysql.cursors import Cursor

from bench.stopwatch import Work
from db_handler.connection.database import Database
from db_handler.rows.frames import delete_rows, upsert_rows
from db_handler.tables.table import Table

OURS = "upsert_rows"
REWRITTEN = "executemany, rewritten to many rows"
EXECUTEMANY = "executemany"
# Variables of one statement are limited on SQLite.
MULTI_ROWS = 1_000

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Way:
    """So many candles at a time; the slow ones are measured on fewer."""

    rows: int
    work: Work


def empty_table(database: Database, table: Table) -> None:
    with database.begin() as connection:
        delete_rows(connection, table)


def list_ways(database: Database, table: Table, candles: pd.DataFrame, few: int) -> dict[str, Way]:
    """List what works on both databases, and on MySQL the executemany that PyMySQL can't rewrite."""
    rows, statement, mysql = make_rows(candles), make_upsert(database, table), database.dialect == "mysql"
    many = len(rows)
    ways = {
        OURS: Way(many, partial(write_ours, database, table, candles)),
        REWRITTEN if mysql else EXECUTEMANY: Way(many, partial(write_many, database, statement, rows)),
        "executemany that reads the frame, too": Way(many, lambda: write_many(database, statement, make_rows(candles))),
        'to_sql(method="multi")': Way(many, partial(write_multi, database, table, candles)),
        "row by row": Way(few, partial(write_by_row, database, statement, rows[:few])),
    }
    if mysql:
        defeated = statement.replace("%s)", "TRIM(%s))", 1)
        ways["executemany, a function in VALUES"] = Way(few, partial(write_many, database, defeated, rows[:few]))
    return ways


def make_rows(candles: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Make plain tuples before the clock starts, which favours executemany."""
    naive = {name: candles[name].dt.tz_localize(None).astype(str) for name in ("slot", "fetched_at")}
    return list(candles.assign(**naive).astype(object).itertuples(index=False, name=None))


def make_upsert(database: Database, table: Table) -> str:
    """Insert or else update, as one writes it by hand."""
    rest = [name for name in table.columns if name not in table.key]
    if database.dialect == "mysql":
        marks, tail = "%s", "ON DUPLICATE KEY UPDATE " + ", ".join(f"{n} = VALUES({n})" for n in rest)
    else:
        updates = ", ".join(f"{n} = excluded.{n}" for n in rest)
        marks, tail = "?", f"ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {updates}"
    values = ", ".join([marks] * len(table.columns))
    return f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({values}) {tail}"


def write_ours(database: Database, table: Table, candles: pd.DataFrame) -> None:
    with database.begin() as connection:
        upsert_rows(connection, table, candles)


def write_many(database: Database, statement: str, rows: Rows) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql(statement, list(rows))


def write_by_row(database: Database, statement: str, rows: Rows) -> None:
    with database.begin() as connection:
        for row in rows:
            connection.exec_driver_sql(statement, row)


def write_multi(database: Database, table: Table, candles: pd.DataFrame) -> None:
    """Append with to_sql, which fails on a key that is stored already."""
    with database.begin() as connection:
        candles.to_sql(table.name, connection, if_exists="append", index=False, method="multi", chunksize=MULTI_ROWS)


def load_lines(connection: "pymysql.connections.Connection[Cursor]", table: Table, path: Path) -> None:
    """Run LOAD DATA over a connection that allows local files."""
    place = f"{table.name} ({', '.join(table.columns)})"
    with connection.cursor() as cursor:
        cursor.execute(f"LOAD DATA LOCAL INFILE %s REPLACE INTO TABLE {place}", (str(path),))
    connection.commit()
