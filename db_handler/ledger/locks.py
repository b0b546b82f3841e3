"""Named locks over all processes: kept in a row, good for a while, taken over from an owner that is dead."""

import os
import random
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from db_handler.connection.database import Database
from db_handler.errors import NotYetError
from db_handler.ledger.ledger_tables import LOCK
from db_handler.rows.frames import delete_rows
from db_handler.rows.single_rows import add_row, read_row, write_row


class LockedError(NotYetError):
    """Somebody else kept the lock for longer than one waits."""


@contextmanager
def hold_lock(database: Database, name: str, *, seconds: float, wait: float = 30.0) -> Iterator[None]:
    """Hold the lock; it expires after `seconds`, and another's is waited for `wait` seconds at most."""
    owner = _name_owner()
    _wait_for_lock(database, name, owner, seconds, wait)
    try:
        yield
    finally:
        database.retry(lambda connection: delete_rows(connection, LOCK, where={"name": name, "owner": owner}))


def _wait_for_lock(database: Database, name: str, owner: str, seconds: float, wait: float) -> None:
    deadline = time.monotonic() + wait
    while holder := database.retry(lambda connection: _take(connection, name, owner, seconds)):
        if time.monotonic() >= deadline:
            host, process = holder.split(":")[:2]
            raise LockedError(
                f"{name} is being worked on by process {process} on {host}; run again when that has ended."
            )
        time.sleep(random.uniform(0.05, 0.3))  # noqa: S311


def _take(connection: Connection, name: str, owner: str, seconds: float) -> str | None:
    """Take the lock, or name who holds it."""
    # Leases are time-outs: they count by the machine's clock in a virtual world, too.
    now = datetime.now(UTC)
    lease = {"taken_at": now, "expires_at": now + timedelta(seconds=seconds)}
    add_row(connection, LOCK, name=name, owner=owner, **lease)
    held = read_row(connection, LOCK, lock=True, name=name)
    if held and held["owner"] != owner:
        if held["expires_at"] > now and not _is_dead(held["owner"]):
            return str(held["owner"])
        write_row(connection, LOCK, name=name, owner=owner, **lease)
    return None


def _name_owner() -> str:
    # The random end tells threads of one process apart.
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}:{uuid.uuid4().hex[:8]}"


def _is_dead(owner: str) -> bool:
    """Say whether the owner is of this host and has no running process of that number and start."""
    host, process, started, _ = owner.rsplit(":", 3)
    return host == socket.gethostname() and _started(int(process)) != started


def _started(process: int) -> str:
    """Read when a process started, in the system's own ticks; "gone" where there is none."""
    try:
        # The command's name may hold spaces and brackets; the 20th word after it is the start.
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except FileNotFoundError:
        return "gone" if Path("/proc/self/stat").exists() or not _is_running(process) else "running"


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
