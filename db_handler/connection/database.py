"""The database: its transactions, tried again where that helps, and errors that say what to do."""

import logging
import random
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from db_handler.connection.engine import make_engine, name_place
from db_handler.connection.failures import DRIVER_ERRORS, ClashError, LostError, explain

__all__ = ["Connection", "Database"]

Result = TypeVar("Result")
log = logging.getLogger(__name__)

TRIES = 3
# A restarting server is back within seconds; what is away for longer fails the task, whose own retry comes later.
PATIENCE_SECONDS = 60.0


class Database:
    """SQLite or MySQL; `repr` and errors never show a password."""

    def __init__(self, url: URL) -> None:
        self.engine: Engine = make_engine(url)
        self.dialect = url.get_backend_name()
        self.url = url.set(query={}).render_as_string(hide_password=True)
        self.place = name_place(url)
        # The declarations by name that the tables of this database were seen to agree with.
        self.ensured: dict[str, object] = {}
        self._has_answered = False
        self.close = weakref.finalize(self, self.engine.dispose)

    def __repr__(self) -> str:
        return f"Database({self.url})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def begin(self, *, writing: bool = True) -> Iterator[Connection]:
        """Open one transaction: committed at the end, rolled back on any error."""
        try:
            with self._connect() as connection:
                options = connection.execution_options(writing=writing)
                with options.begin():
                    yield options
        except DRIVER_ERRORS as error:
            raise explain(error, self.place) from error

    def _connect(self) -> Connection:
        """Connect; a server that has answered before may be restarting and is waited for, an unknown one is not."""
        pause, patience = 0.2, PATIENCE_SECONDS if self._has_answered else 0.0
        deadline = time.monotonic() + patience
        while True:
            try:
                connection = self.engine.connect()
            except DRIVER_ERRORS as error:
                lost = explain(error, self.place)
                if not isinstance(lost, LostError) or time.monotonic() + pause > deadline:
                    raise
                log.warning("%s Trying again.", lost)
            else:
                self._has_answered = True
                return connection
            time.sleep(pause)
            pause = min(pause * 2, 5.0)

    def connect_alone(self) -> Connection:
        """Open a connection that no pool checks, recycles or hands on; each statement is a transaction of its own."""
        connection = self._connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        return connection

    def use_wal(self) -> None:
        """Let readers work beside a writer; the file remembers it."""
        try:
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                driver.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]
        except DRIVER_ERRORS as error:
            raise explain(error, self.place) from error

    def retry(self, work: Callable[[Connection], Result]) -> Result:
        """Run a whole transaction, again after a clash or a lost connection, so `work` must bear being repeated."""
        clashes, pause, deadline = 0, 0.2, time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.begin() as connection:
                    return work(connection)
            except ClashError as error:
                clashes += 1
                if clashes == TRIES:
                    raise
                log.warning("%s Trying again.", error)
            except LostError as error:
                if time.monotonic() + pause > deadline:
                    raise
                log.warning("%s Trying again.", error)
            # The jitter keeps two that met from meeting again.
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, 5.0)
