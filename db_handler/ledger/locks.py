"""Named locks over all processes, each of which ends with its holder and fences what the holder commits."""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from db_handler.connection.database import Database
from db_handler.connection.exclusive import Hold, open_hold
from db_handler.errors import AwayError
from db_handler.ledger.ledger_tables import LOCK
from db_handler.rows.single_rows import read_row, write_row

WAIT_SECONDS = 30.0


class LockedError(AwayError):
    """Somebody else holds the lock and kept it for longer than one waits."""


class LockLostError(AwayError):
    """The lock went to another process in the middle of the work."""


@dataclass(frozen=True)
class Lock:
    """A lock that is held; its token is in the ledger, and whoever takes the lock later writes another one."""

    name: str
    token: str
    hold: Hold

    def check(self, connection: Connection) -> None:
        """Refuse to commit in this transaction what another holder may be at; its token waits for our commit."""
        row = read_row(connection, LOCK, lock=True, name=self.name)
        if row is None or row["owner"] != self.token or not self.hold.is_held():
            raise LockLostError(
                f"{self.name}: the lock was lost in the middle of the work, so nothing is committed; run again."
            )


@contextmanager
def hold_lock(database: Database, name: str, *, wait: float = WAIT_SECONDS) -> Iterator[Lock]:
    """Hold the lock; another holder is waited for so many seconds at most."""
    hold = open_hold(database, name)
    try:
        if not hold.take(wait):
            raise LockedError(
                f"{name} is being worked on by {_name_holder(database, name)}; run again when that has ended."
            )
        token = name_process()
        # A wall clock, as it is for people only: nothing is decided by it.
        row = {"name": name, "owner": token, "taken_at": datetime.now(UTC)}
        database.retry(lambda connection: write_row(connection, LOCK, **row))
        yield Lock(name, token, hold)
    finally:
        hold.release()


def name_process() -> str:
    """Name this process, and part its threads and earlier ones of the same number by chance."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def _name_holder(database: Database, name: str) -> str:
    with database.begin(writing=False) as connection:
        row = read_row(connection, LOCK, name=name)
    if row is None:
        return "another process"
    host, process, _ = row["owner"].rsplit(":", 2)
    return f"process {process} on {host}"
