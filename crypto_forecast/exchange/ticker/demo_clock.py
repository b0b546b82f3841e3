"""The clock of a demo's exchange: the virtual now that the database keeps for all processes."""

from datetime import datetime
from typing import Any

from db_handler.clock import WallClock
from db_handler.connection.database import Database
from db_handler.errors import DatabaseError, UsageError
from db_handler.ledger.ledger_tables import RUN, WATERMARK
from db_handler.ledger.virtual_now import begin_virtual_time, move_virtual_now, read_virtual_now
from db_handler.rows.single_rows import list_rows
from db_handler.tables.table import Table

REAL_WORK: tuple[tuple[Table, dict[str, Any]], ...] = ((RUN, {"status": "done"}), (WATERMARK, {}))


class DemoClock(WallClock):
    """Tells the virtual now; its seconds are real ones."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._last: datetime | None = None

    def now(self) -> datetime:
        try:
            with self.database.begin(writing=False) as connection:
                self._last = read_virtual_now(connection)
        except DatabaseError:
            if self._last is None:
                raise
        if self._last is None:
            raise UsageError(f"The database {self.database.place} has no virtual now.")
        return self._last  # while the database is away, the clock stands still

    def move_to(self, moment: datetime) -> None:
        self.database.retry(lambda connection: move_virtual_now(connection, moment))


def begin_demo_time(database: Database, now: datetime, *, end: datetime) -> DemoClock:
    """Begin virtual time in a database that has none yet; one in which real work was done is refused."""
    with database.begin() as connection:
        if read_virtual_now(connection) is None:
            if any(list_rows(connection, table, where=done, limit=1) for table, done in REAL_WORK):
                raise UsageError(
                    f"The database {database.place} holds the work of real runs, beside which no virtual time can "
                    "begin: give the demo a database of its own."
                )
            begin_virtual_time(connection, now, end=end)
    return DemoClock(database)
