"""A name held by one process at a time, which ends with it: MySQL's GET_LOCK, or a lock on a file beside SQLite's."""

import contextlib
import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from db_handler.connection.database import Database
from db_handler.connection.failures import DRIVER_ERRORS, explain

PULSE_SECONDS = 10.0  # between two looks at what is held
IDLE_SECONDS = 60  # after so long without a look the server frees what a vanished host held
FILE_PAUSE_SECONDS = 0.1

_descriptors: set[int] = set()  # what a forked child must let go: it would keep the lock beyond its holder's end


def _let_go_in_child() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in _descriptors:
        os.dup2(null, descriptor)
    os.close(null)
    _descriptors.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


class Hold(Protocol):
    """A name that is held, or tried for."""

    @property
    def descriptor(self) -> int: ...
    def take(self, wait: float) -> bool:
        """Take the name, waiting so many seconds at most; say whether it was taken."""
        ...

    def is_held(self) -> bool:
        """Say whether it is still held; where the server was restarted in between, it is taken again if it is free."""
        ...

    def release(self) -> None: ...


def open_hold(database: Database, name: str) -> Hold:
    """Prepare to hold a name."""
    return _FileHold(database, name) if database.dialect == "sqlite" else _ServerHold(database, name)


def is_free(database: Database, name: str) -> bool:
    """Say whether nobody holds a name."""
    hold = open_hold(database, name)
    try:
        return hold.take(0)
    finally:
        hold.release()


@contextlib.contextmanager
def watch(hold: Hold) -> Iterator[None]:
    """Look at a held name again and again, so that the server knows that its holder lives."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(PULSE_SECONDS):
            hold.is_held()

    _descriptors.add(hold.descriptor)
    watcher = threading.Thread(target=look, name="lock", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        _descriptors.discard(hold.descriptor)


def _shorten(scope: str, name: str) -> str:
    """Hash a name: MySQL's may have 64 characters, know no case, and are one name space for a whole server."""
    return f"quartet:{hashlib.sha256(f'{scope}/{name}'.encode()).hexdigest()[:40]}"


class _FileHold:
    """A lock on a file that is never removed, since whoever waits has it open."""

    def __init__(self, database: Database, name: str) -> None:
        self._path = Path(f"{database.place}.locks") / _shorten("file", name).removeprefix("quartet:")
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        self.descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, wait: float) -> bool:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(FILE_PAUSE_SECONDS)
            else:
                return True

    def is_held(self) -> bool:
        try:
            return os.fstat(self.descriptor).st_ino == self._path.stat().st_ino
        except OSError:
            return False

    def release(self) -> None:
        os.close(self.descriptor)


class _ServerHold:
    """A lock of the server's, on a connection of its own that no pool checks, recycles or retries."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, _shorten(database.place, name)
        self._one_at_a_time = threading.Lock()
        self._connection: Connection | None = None

    @property
    def descriptor(self) -> int:
        driver = self._connect().connection.driver_connection
        return int(driver._sock.fileno())  # type: ignore[union-attr]  # PyMySQL has no public name for it

    def take(self, wait: float) -> bool:
        try:
            query = "SELECT GET_LOCK(%s, %s)"
            return self._connect().exec_driver_sql(query, (self._name, max(0, round(wait)))).scalar() == 1
        except DRIVER_ERRORS as error:
            raise explain(error, self._database.place) from error

    def is_held(self) -> bool:
        with self._one_at_a_time:
            try:
                query = "SELECT IS_USED_LOCK(%s) = CONNECTION_ID()"
                if self._connect().exec_driver_sql(query, (self._name,)).scalar() == 1:
                    return True
            except DRIVER_ERRORS:
                self.release()
            try:
                return self.take(0)
            except Exception:
                self.release()
                return False

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*DRIVER_ERRORS):
                connection.close()  # the session ends, and its locks with it

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.connect_alone()
            self._connection.exec_driver_sql(f"SET SESSION wait_timeout = {IDLE_SECONDS}")
        return self._connection
