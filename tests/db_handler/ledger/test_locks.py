"""Locks: one holder at a time, free as soon as the holder is gone, fenced, given up after a bounded wait."""

import os
import signal
import time

import pytest

from db_handler.connection.database import Database
from db_handler.connection.exclusive import is_free
from db_handler.errors import AwayError
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
