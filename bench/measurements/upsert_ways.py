"""Ways to bring candles into a table that one would take instead of ours; each begins with its preferred input."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pymysql
from pymysql.cursors import Cursor
from sqlalchemy import Connection

from bench.stopwatch import Work
from db_handler.connection.database import Database
from db_handler.rows.frames import upsert_rows
from db_handler.tables.table import Table

OURS = "upsert_rows"
REWRITTEN = "executemany, rewritten to many rows"
EXECUTEMANY = "executemany"
FROM_FRAME = "executemany that reads the frame, too"
# Variables of one statement are limited on SQLite.
MULTI_ROWS = 1_000


@dataclass(frozen=True)
class Way:
    """So many candles at a time; the slow ones are measured on fewer."""

    rows: int
    work: Work


def change_table(database: Database, work: Callable[[Connection], object]) -> None:
    """Work in one transaction."""
    with database.begin() as connection:
        work(connection)


def list_ways(database: Database, table: Table, candles: pd.DataFrame) -> dict[str, Way]:
    """List what works on both databases, and on MySQL the executemany that PyMySQL can't rewrite."""
    rows, statement, mysql = make_rows(candles), make_upsert(database, table), database.dialect == "mysql"
    # It appends, which fails on a key that is stored already.
    append = partial(candles.to_sql, table.name, if_exists="append", index=False, method="multi", chunksize=MULTI_ROWS)
    many, few, by_many = len(rows), len(rows) // 10, REWRITTEN if mysql else EXECUTEMANY
    works: dict[str, tuple[int, Callable[[Connection], object]]] = {
        OURS: (many, lambda connection: upsert_rows(connection, table, candles)),
        by_many: (many, lambda connection: connection.exec_driver_sql(statement, rows)),
        FROM_FRAME: (many, lambda connection: connection.exec_driver_sql(statement, make_rows(candles))),
        'to_sql(method="multi")': (many, append),
        "row by row": (few, lambda connection: [connection.exec_driver_sql(statement, row) for row in rows[:few]]),
    }
    if mysql:
        defeated = statement.replace("%s)", "TRIM(%s))", 1)
        name = "executemany, a function in VALUES"
        works[name] = (few, lambda connection: connection.exec_driver_sql(defeated, rows[:few]))
    return {name: Way(count, partial(change_table, database, work)) for name, (count, work) in works.items()}


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


def load_lines(connection: "pymysql.connections.Connection[Cursor]", table: Table, path: Path) -> None:
    """Run LOAD DATA over a connection that allows local files."""
    place = f"{table.name} ({', '.join(table.columns)})"
    with connection.cursor() as cursor:
        cursor.execute(f"LOAD DATA LOCAL INFILE %s REPLACE INTO TABLE {place}", (str(path),))
    connection.commit()
