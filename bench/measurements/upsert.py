"""Candles into an empty table of SQLite and MySQL, beside ways that one would take instead of ours.

Each way begins with its preferred input.
"""

import csv
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pymysql
from pymysql.cursors import Cursor
from sqlalchemy import Connection, text

from bench.candles import invent_candles
from bench.own_platform import make_spec, open_own_database
from bench.row import Row, Skipped, Target
from bench.stopwatch import Work, time_in_turn
from db_handler.connection.database import Database
from db_handler.open_database import migrate_database
from db_handler.rows.frames import delete_rows, upsert_rows
from db_handler.settings import HouseSettings
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from tests.stack.server import IMAGE, Server, has_docker, run_server

OURS = "upsert_rows"
REWRITTEN = "executemany, rewritten to many rows"
EXECUTEMANY = "executemany"
FROM_FRAME = "executemany that reads the frame, too"
# Variables of one statement are limited on SQLite.
MULTI_ROWS = 1_000
LOAD_DATA = "LOAD DATA"
TABLE: Table = make_spec().data.raw  # of crypto_forecast
TARGET = Target(0.9, "peer", "90 % of the rewritten executemany")
NOTE = "executemany gets rows that were made before the clock starts, ours a frame"


@dataclass(frozen=True)
class Way:
    """So many candles at a time; the slow ones are measured on fewer."""

    rows: int
    work: Work


def measure_upsert(tiny: bool) -> Iterator[Row | Skipped]:
    """Measure SQLite anywhere, MySQL in a container where Docker runs; the slow ways get a tenth of the candles."""
    candles, rounds = invent_candles(500 if tiny else 20_000), 1 if tiny else 5
    with open_own_database() as database:
        ensure_table(database, TABLE)
        rates = time_ways(database, list_ways(database, TABLE, candles), rounds)
        yield from compare_ways("SQLite", rates, EXECUTEMANY, None)
    yield from measure_mysql(candles, rounds)


def measure_mysql(candles: pd.DataFrame, rounds: int) -> Iterator[Row | Skipped]:
    if not has_docker():
        yield Skipped("upsert into MySQL", "no Docker engine answers")
        return
    try:
        # The limit needs local files, which a server refuses unless it is told otherwise.
        with run_server("quartet-bench", "--local-infile=1") as server:
            rates = time_on_server(server, candles, rounds)
    except (subprocess.SubprocessError, OSError) as error:
        yield Skipped("upsert into MySQL", f"a container of {IMAGE} did not start ({type(error).__name__})")
        return
    yield from compare_ways("MySQL", rates, REWRITTEN, TARGET)


def time_on_server(server: Server, candles: pd.DataFrame, rounds: int) -> dict[str, float]:
    with (
        TemporaryDirectory(prefix="quartet-bench-") as folder,
        migrate_database(HouseSettings(home=Path(folder), database_url=server.url)) as database,
        closing(server.connect(local_infile=True)) as local,
    ):
        ensure_table(database, TABLE)
        path = Path(folder) / "candles.tsv"
        with path.open("w", newline="", encoding="utf-8") as lines:
            csv.writer(lines, delimiter="\t", lineterminator="\n").writerows(make_rows(candles))
        ways = list_ways(database, TABLE, candles)
        ways[LOAD_DATA] = Way(len(candles), partial(load_lines, local, TABLE, path))
        return time_ways(database, ways, rounds)


def time_ways(database: Database, ways: dict[str, Way], rounds: int) -> dict[str, float]:
    """Measure the rows a second of each way, into an empty table each time."""
    count = text(f"SELECT COUNT(*) FROM {TABLE.name}")
    empty_table = partial(change_table, database, lambda connection: delete_rows(connection, TABLE))
    for name, way in ways.items():
        empty_table()
        way.work()
        with database.begin(writing=False) as connection:
            if connection.execute(count).scalar_one() != way.rows:
                raise RuntimeError(f"{name} did not store {way.rows} rows on {database.dialect}")
    works = {name: way.work for name, way in ways.items()}
    seconds = time_in_turn(works, rounds=rounds, before=empty_table)
    return {name: way.rows / seconds[name] for name, way in ways.items()}


def compare_ways(database: str, rates: dict[str, float], main: str, target: Target | None) -> Iterator[Row]:
    """Set our way beside each other one; the main one has the target."""
    work, ours, limit = f"upsert of candles into {database}", rates.pop(OURS), rates.pop(LOAD_DATA, None)
    for peer, rate in rates.items():
        special: dict[str, Any] = {"target": target, "note": NOTE} if peer == main else {}
        yield Row(work, "rows/s", ours, peer, rate, limit, LOAD_DATA if limit else "", **special)


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
