"""What only a real server shows: the rewrite, kills, restarts, deadlocks, a refused login, read-only."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from db_handler.connection.database import Database
from db_handler.connection.exclusive import is_free
from db_handler.errors import DatabaseError
from db_handler.ledger.locks import LockLostError, hold_lock
from db_handler.ledger.runs import RunRow, read_runs, start_run
from db_handler.ledger.workers import close_lost_runs, enlist_process
from db_handler.open_database import migrate_database, open_database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.settings import HouseSettings
from db_handler.tables.ensure_table import ensure_table
from tests.db_handler.candles import CANDLES, ROOT, make_candles
from tests.stack.server import Server

ROWS = 20_000


def count_inserts(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Com_insert'").one()[1])


def test_many_rows_are_one_statement(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        before = count_inserts(connection)
        upsert_rows(connection, CANDLES, make_candles(range(5_000)))
        upsert_rows(connection, CANDLES, make_candles(range(5_000), tick=2))
        assert count_inserts(connection) - before <= 4


def test_a_killed_connection_is_made_again_and_the_whole_transaction_too(database: Database) -> None:
    ensure_table(database, CANDLES)
    tries = []

    def work(connection: Connection) -> None:
        tries.append(connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar())
        upsert_rows(connection, CANDLES, make_candles(range(10)))
        if len(tries) == 1:
            with database.begin() as other:
                other.exec_driver_sql(f"KILL {tries[0]}")
        upsert_rows(connection, CANDLES, make_candles(range(10, 20)))

    database.retry(work)
    assert len(tries) == 2
    with database.begin() as connection:
        assert len(read_rows(connection, CANDLES)) == 20


def test_a_lock_whose_connection_is_lost_is_taken_again_unless_another_took_it(
    database: Database, mysql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db_handler.connection.exclusive.PULSE_SECONDS", 3600)  # only a check looks
    with open_database() as other, hold_lock(database, "unit") as lock:
        mysql_server.restart()
        database.retry(lock.check)
        assert not is_free(other, "unit")
        mysql_server.restart()
        with hold_lock(other, "unit", wait=5):
            pass
        with pytest.raises(LockLostError, match="nothing is committed"):
            database.retry(lock.check)


def test_a_process_lives_on_over_a_restart_of_the_server(database: Database, mysql_server: Server) -> None:
    worker = enlist_process(database)
    mysql_server.restart()
    deadline = time.monotonic() + 30
    while is_free(database, f"worker:{worker}"):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_restarted_server_calls_no_run_lost_before_it_was_told_who_lives(
    database: Database, mysql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db_handler.connection.exclusive.PULSE_SECONDS", 3600)  # this process does not come to tell it
    at, worker = datetime(2026, 11, 20, tzinfo=UTC), enlist_process(database)
    unit: dict[str, Any] = {"project": "toy", "config": "a", "kind": "train", "step": "train", "cause": "clock"}
    with database.begin() as connection:
        start_run(connection, RunRow(run_id="alive", at=at, started_at=at, worker=worker, **unit))

    def look() -> str:
        with open_database() as other:
            close_lost_runs(other, "toy")
            with other.begin(writing=False) as connection:
                return read_runs(connection, project="toy")[0].status

    mysql_server.restart()
    mysql_server.wait()
    assert look() == "running"
    monkeypatch.setattr("db_handler.connection.exclusive.SETTLE_SECONDS", -1)
    assert look() == "lost"


def test_a_restart_of_the_server_in_the_middle_loses_nothing(database: Database, mysql_server: Server) -> None:
    ensure_table(database, CANDLES)
    restart = threading.Thread(target=mysql_server.restart)
    restart.start()
    page = 0
    while restart.is_alive() or page < 20:
        slots = range(page * 4, page * 4 + 6)
        database.retry(lambda connection, slots=slots: upsert_rows(connection, CANDLES, make_candles(slots)))
        page += 1
    restart.join()
    with database.begin() as connection:
        assert len(read_rows(connection, CANDLES)) == page * 4 + 2


def test_a_deadlock_is_tried_again(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0, 1]))
    meet = threading.Barrier(2)
    tries = []

    def write(connection: Connection, first: int, second: int) -> None:
        tries.append(first)
        upsert_rows(connection, CANDLES, make_candles([first], tick=2 + first))
        if len(tries) <= 2:
            meet.wait(timeout=10)
        upsert_rows(connection, CANDLES, make_candles([second], tick=2 + first))

    def run(first: int, second: int) -> None:
        database.retry(lambda connection: write(connection, first, second))

    threads = [threading.Thread(target=run, args=order) for order in ((0, 1), (1, 0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 3
    with database.begin() as connection:
        assert read_rows(connection, CANDLES)["last_tick"].tolist() == [3, 3]


@pytest.mark.parametrize("there", [True, False])
def test_an_older_answer_that_comes_between_never_wins(database: Database, there: bool) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0] if there else []))

    def write_older() -> None:
        database.retry(lambda connection: upsert_rows(connection, CANDLES, make_candles([0], price=1, tick=5)))

    with database.begin() as connection:
        upsert_rows(connection, CANDLES, make_candles([0], price=2, tick=6))
        older = threading.Thread(target=write_older)
        older.start()
        time.sleep(0.5)
    older.join()
    with database.begin() as connection:
        assert read_rows(connection, CANDLES)[["trade_price", "last_tick"]].values.tolist() == [[2.0, 6.0]]


@pytest.fixture
def read_only(mysql_server: Server) -> Iterator[None]:
    mysql_server.ask_root("SET GLOBAL read_only = ON")
    yield
    mysql_server.ask_root("SET GLOBAL read_only = OFF")


def test_a_read_only_server_is_said_at_once(database: Database, request: pytest.FixtureRequest) -> None:
    ensure_table(database, CANDLES)
    request.getfixturevalue("read_only")
    tries = []

    def work(connection: Connection) -> None:
        tries.append(1)
        upsert_rows(connection, CANDLES, make_candles([1]))

    with pytest.raises(DatabaseError, match="is read-only; make it writable"):
        database.retry(work)
    assert len(tries) == 1


@pytest.mark.parametrize("change", [("writer:", "nobody:"), ("@", "wrong@"), ("/quartet", "/nothing")])
def test_a_refused_login_is_one_sentence_without_the_password(mysql_server: Server, change: tuple[str, str]) -> None:
    url = mysql_server.url.replace(*change)
    with pytest.raises(DatabaseError, match="refused the login; check user, password") as caught:
        open_database(HouseSettings(database_url=url))
    assert mysql_server.password not in str(caught.value)


def test_a_project_s_command_does_not_migrate_a_server(home: Path) -> None:
    """Fault 73: an empty server is told of in one sentence, and stays empty; with older tables it is the same."""
    command = [sys.executable, "-m", "crypto_forecast.run", "plan", "--at", "2026-11-20T00:00Z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "are not made yet, and this code needs version" in json.loads(done.stdout.splitlines()[-1])["error"]
    with migrate_database() as database, database.begin() as connection:
        connection.exec_driver_sql("UPDATE quartet_version SET version_num = '0001'")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "are at version 0001" in json.loads(done.stdout.splitlines()[-1])["error"]
