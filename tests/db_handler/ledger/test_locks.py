"""Locks: one holder at a time, free as soon as the holder is gone, fenced, given up after a bounded wait."""

import gc
import os
import signal
import time
import weakref
from pathlib import Path

import pytest

from db_handler.connection.database import Database
from db_handler.connection.engine import read_url
from db_handler.connection.exclusive import is_free, open_hold
from db_handler.errors import AwayError, DatabaseError
from db_handler.ledger.ledger_tables import LOCK
from db_handler.ledger.locks import LockedError, LockLostError, hold_lock
from db_handler.rows.single_rows import read_row, write_row
from tests.db_handler.candles import start_python

HOLDER = """
    import os, time
    from db_handler.open_database import open_database
    from db_handler.ledger.locks import hold_lock
    with open_database() as database, hold_lock(database, "unit"):
        {more}
        print("held", flush=True)
        time.sleep(60)
"""


def test_a_held_lock_is_waited_for_and_then_given_up(database: Database) -> None:
    with hold_lock(database, "unit"), hold_lock(database, "another"):
        started = time.monotonic()
        refused = pytest.raises(LockedError, match=f"unit is being worked on by process {os.getpid()} on")
        with refused, hold_lock(database, "unit", wait=1):
            pass
        assert 0.9 <= time.monotonic() - started < 4
        assert not is_free(database, "unit")
    with hold_lock(database, "unit", wait=0):
        pass
    assert issubclass(LockedError, AwayError)
    assert LockedError.exit_status == 75


def test_the_locks_of_a_home_have_the_rights_of_its_other_files(database: Database) -> None:
    if database.dialect != "sqlite":
        pytest.skip("a server keeps its locks itself")
    before = os.umask(0o002)
    try:
        with hold_lock(database, "unit"):
            folder = Path(f"{database.place}.locks")
            assert folder.stat().st_mode & 0o777 == 0o775
            assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o664}
    finally:
        os.umask(before)


def test_locks_that_can_not_be_used_are_one_sentence(database: Database) -> None:
    if database.dialect != "sqlite":
        pytest.skip("a server keeps its locks itself")
    Path(f"{database.place}.locks").write_text("")
    with (
        pytest.raises(DatabaseError, match=r"db\.locks can't be used .*check the permissions"),
        hold_lock(database, "unit"),
    ):
        pass


def test_a_name_that_is_held_does_not_keep_its_database() -> None:
    database = Database(read_url("mysql://writer@127.0.0.1:1/quartet"))
    hold, alive = open_hold(database, "worker"), weakref.ref(database)
    del database
    gc.collect()
    assert alive() is None
    hold.retire()


def test_a_lock_is_given_back_after_a_failure(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), hold_lock(database, "unit"):
        _ = 1 / 0
    assert is_free(database, "unit")


def test_whoever_took_the_lock_meanwhile_fences_the_holder_before(database: Database) -> None:
    with hold_lock(database, "unit") as lock:
        with database.begin() as connection:
            lock.check(connection)
        with database.begin() as connection:
            write_row(connection, LOCK, name="unit", owner="elsewhere:1:another")
        with pytest.raises(LockLostError, match="nothing is committed"), database.begin() as connection:
            lock.check(connection)
    with hold_lock(database, "unit") as lock, database.begin() as connection:
        lock.check(connection)
        row = read_row(connection, LOCK, name="unit")
        assert row is not None
        assert row["owner"] == lock.token


@pytest.mark.parametrize(
    "more",
    ["", "os.fork() or time.sleep(4)", "__import__('subprocess').Popen(['sleep', '4'])"],
    ids=["alone", "with a forked child", "with a started child"],
)
def test_the_lock_of_a_killed_process_is_free_at_once(database: Database, more: str) -> None:
    process = start_python(HOLDER.format(more=more))
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(LockedError), hold_lock(database, "unit", wait=0):
        pass
    assert process.stderr is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()  # its child may hold the other end open
    process.stderr.close()
    started = time.monotonic()
    with hold_lock(database, "unit", wait=5):
        assert time.monotonic() - started < 1.5
