"""Locks: one at a time, taken over from the dead and the late, given up after a bounded wait."""

import signal
import time

import pytest

from db_handler.connection.database import Database
from db_handler.errors import NotYetError
from db_handler.ledger.ledger_tables import LOCK
from db_handler.ledger.locks import LockedError, hold_lock
from db_handler.rows.single_rows import read_row
from tests.db_handler.candles import start_python

HOLDER = """
    import time
    from db_handler.open_database import open_database
    from db_handler.ledger.locks import hold_lock
    with open_database() as database, hold_lock(database, "unit", seconds=600):
        print("held", flush=True)
        time.sleep(60)
"""


def test_a_held_lock_is_waited_for_and_then_not_yet(database: Database) -> None:
    with hold_lock(database, "unit", seconds=60), hold_lock(database, "another", seconds=60):
        started = time.monotonic()
        refused = pytest.raises(LockedError, match="unit is being worked on by process")
        with refused, hold_lock(database, "unit", seconds=60, wait=0.3):
            pass
        assert 0.3 <= time.monotonic() - started < 3
    with hold_lock(database, "unit", seconds=60, wait=0):
        pass
    assert issubclass(LockedError, NotYetError)


def test_a_lock_is_given_back_after_a_failure(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), hold_lock(database, "unit", seconds=60):
        _ = 1 / 0
    with database.begin() as connection:
        assert read_row(connection, LOCK, name="unit") is None


def test_an_expired_lock_is_taken_over_and_stays_with_its_new_owner(database: Database) -> None:
    with hold_lock(database, "unit", seconds=0.1):
        time.sleep(0.15)
        with hold_lock(database, "unit", seconds=60, wait=0), database.begin() as connection:
            taken = read_row(connection, LOCK, name="unit")
    with database.begin() as connection:
        assert taken is not None
        assert read_row(connection, LOCK, name="unit") is None


def test_the_lock_of_a_killed_process_is_taken_over_at_once(database: Database) -> None:
    process = start_python(HOLDER)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(LockedError), hold_lock(database, "unit", seconds=60, wait=0):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with hold_lock(database, "unit", seconds=60, wait=0):
        pass
