"""A name held by one process at a time, which ends with it: MySQL's GET_LOCK, or a lock on a file beside SQLite's."""

import contextlib
import fcntl
import hashlib
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from db_handler.connection.database import Database
from db_handler.connection.failures import DRIVER_ERRORS, ClashError, explain
from db_handler.errors import DatabaseError

PULSE_SECONDS = 10.0  # between two looks at what is held
SETTLE_SECONDS = 2 * PULSE_SECONDS  # after so long a restarted server knows its holders again
CHANGE_SECONDS = 120.0  # the longest that a change of tables by another process is waited for
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


def open_hold(database: Database, name: str) -> "Hold":
    """Prepare to hold a name."""
    if database.dialect == "sqlite":
        return _FileHold(_place_file(database, name))
    return _ServerHold(database, name)


@contextmanager
def alone(database: Database, name: str) -> Iterator[None]:
    """Keep other processes out of a change of tables, which MySQL does not do in transactions."""
    hold = open_hold(database, name)
    try:
        if not hold.take(CHANGE_SECONDS):
            raise ClashError(f"The database {database.place} is being changed by another process; run again later.")
        yield
    finally:
        hold.release()


def is_free(database: Database, name: str) -> bool:
    """Say whether nobody holds a name."""
    if database.dialect == "sqlite" and not _place_file(database, name).exists():
        return True
    hold = open_hold(database, name)
    try:
        return hold.take(0)
    finally:
        hold.release()


def knows_holders(connection: Connection) -> bool:
    """Say whether a free name means that its holder is gone: a server that was restarted has to be told first."""
    if connection.dialect.name == "sqlite":
        return True
    _, seconds = connection.exec_driver_sql("SHOW GLOBAL STATUS LIKE 'Uptime'").one()
    return int(seconds) > SETTLE_SECONDS


def _place_file(database: Database, name: str) -> Path:
    return Path(f"{Path(database.place).resolve()}.locks") / _shorten("file", name).removeprefix("quartet:")


def _shorten(scope: str, name: str) -> str:
    """Hash a name: MySQL's may have 64 characters, know no case, and are one name space for a whole server."""
    return f"quartet:{hashlib.sha256(f'{scope}/{name}'.encode()).hexdigest()[:40]}"


class _FileHold:
    """A lock on a file that is not removed at its end, since whoever waits has it open."""

    def __init__(self, path: Path) -> None:
        self._path, self._process = path, os.getpid()
        try:  # with the rights that the user gives to all files, as the database beside it
            path.parent.mkdir(exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise DatabaseError(
                f"The locks in {path.parent} can't be used ({error.strerror}); check the permissions of that folder "
                "and of its files: every user of a home must be able to write all of it."
            ) from None
        _descriptors.add(self._descriptor)

    def take(self, wait: float) -> bool:
        """Take the name, waiting so many seconds at most; say whether it was taken."""
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(FILE_PAUSE_SECONDS)
            else:
                return True

    def is_held(self) -> bool:
        try:
            return os.fstat(self._descriptor).st_ino == self._path.stat().st_ino
        except OSError:
            return False

    def release(self) -> None:
        _descriptors.discard(self._descriptor)
        os.close(self._descriptor)

    def retire(self) -> None:
        """Release a name that nobody will take again."""
        if self._process == os.getpid():  # a forked child that ends takes nothing away from its parent
            with contextlib.suppress(OSError):  # another user's file may stay
                self._path.unlink()
        self.release()


class _ServerHold:
    """A lock of the server's, on a connection of its own; looked at again and again, so that it is not idle."""

    def __init__(self, database: Database, name: str) -> None:
        # Weak: the name of a process is held until its database is let go.
        self._database: Database = weakref.proxy(database)
        self._name = _shorten(str(database.engine.url.database), name)
        self._one_at_a_time = threading.RLock()
        self._connection: Connection | None = None
        self._descriptor = -1
        self._over = threading.Event()

    def take(self, wait: float) -> bool:
        try:
            taken = self._ask("SELECT GET_LOCK(%s, %s)", max(0, round(wait)))
        except DRIVER_ERRORS as error:
            raise explain(error, self._database.place) from error
        if taken:
            threading.Thread(target=self._keep_looking, name="lock", daemon=True).start()
        return taken

    def is_held(self) -> bool:
        """Say whether it is still held; where the server was restarted in between, it is taken again if it is free."""
        with self._one_at_a_time:
            for _ in range(2):  # once more on a new connection, where the old one is gone
                try:
                    return self._ask("SELECT IS_USED_LOCK(%s) = CONNECTION_ID()") or self._ask("SELECT GET_LOCK(%s, 0)")
                except (*DRIVER_ERRORS, DatabaseError, ReferenceError):
                    self._disconnect()
            return False

    def release(self) -> None:
        self._over.set()
        with self._one_at_a_time:
            self._disconnect()

    def retire(self) -> None:
        self.release()

    def _keep_looking(self) -> None:
        while not self._over.wait(PULSE_SECONDS):
            with self._one_at_a_time:
                if not self._over.is_set():
                    self.is_held()

    def _ask(self, query: str, *more: object) -> bool:
        with self._one_at_a_time:
            return bool(self._connect().exec_driver_sql(query, (self._name, *more)).scalar())

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.connect_alone()
            driver = self._connection.connection.dbapi_connection
            self._descriptor = driver._sock.fileno()  # type: ignore[union-attr]  # PyMySQL has no public name for it
            _descriptors.add(self._descriptor)
            self._connection.exec_driver_sql(f"SET SESSION wait_timeout = {IDLE_SECONDS}")
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        _descriptors.discard(self._descriptor)
        if connection is not None:
            with contextlib.suppress(*DRIVER_ERRORS):
                connection.close()  # the session ends, and its locks with it


Hold = _FileHold | _ServerHold  # a name that is held, or tried for
