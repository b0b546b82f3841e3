"""Candles into an empty table of SQLite and MySQL."""

import csv
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from sqlalchemy import text

from bench.candles import invent_candles
from bench.measurements.upsert_ways import (
    EXECUTEMANY,
    OURS,
    REWRITTEN,
    Way,
    change_table,
    list_ways,
    load_lines,
    make_rows,
)
from bench.own_platform import make_spec, open_own_database
from bench.row import Row, Skipped, Target
from bench.stopwatch import time_in_turn
from db_handler.connection.database import Database
from db_handler.open_database import migrate_database
from db_handler.rows.frames import delete_rows
from db_handler.settings import HouseSettings
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from tests.stack.server import IMAGE, Server, has_docker, run_server

LOAD_DATA = "LOAD DATA"
TABLE: Table = make_spec().data.raw  # of crypto_forecast
TARGET = Target(0.9, "peer", "90 % of the rewritten executemany")
NOTE = "executemany gets rows that were made before the clock starts, ours a frame"


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
