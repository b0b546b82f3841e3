"""Drivers' errors: which are worth another try, and the sentences that a user reads."""

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from db_handler.errors import AwayError, DatabaseError

DRIVER_ERRORS = (SQLAlchemyError, sqlite3.Error)

SQLITE_SENTENCES = {
    sqlite3.SQLITE_NOTADB: "is no SQLite database or is damaged; move the file away or restore it from a backup",
    sqlite3.SQLITE_CORRUPT: "is damaged; move the file away or restore it from a backup",
    sqlite3.SQLITE_CANTOPEN: "can't be opened; check that its folder is there and that you may write to it",
    sqlite3.SQLITE_READONLY: "is read-only; check the permissions of the file and its folder",
    sqlite3.SQLITE_PERM: "may not be opened; check the permissions of the file and its folder",
    sqlite3.SQLITE_FULL: "can't grow, the disk is full; make room and run again",
    sqlite3.SQLITE_IOERR: "can't be read or written; check its disk and the room left on it",
    sqlite3.SQLITE_BUSY: "was kept busy by another process for too long; run again when that has ended",
    sqlite3.SQLITE_LOCKED: "was kept busy by another process for too long; run again when that has ended",
}


class ClashError(DatabaseError, AwayError):
    """Two transactions met; the whole transaction may be tried again at once."""


class LostError(DatabaseError, AwayError):
    """The connection is gone or can't be made; the whole transaction may be tried again after a while."""


NO_SPACE = 28  # the system's own number, which MySQL may give inside of another error
LOST = {1053, 1077, 1078, 1079, 1152, 1158, 1159, 1160, 1161, 2002, 2003, 2006, 2013, 2014, 2055, 3169, 4031}
REFUSED = {1044, 1045, 1049, 1142, 1698, 1820, 3118}
MYSQL_SENTENCES: tuple[tuple[set[int], type[DatabaseError], str], ...] = (
    ({1205, 1213, 3572}, ClashError, "stopped a transaction that met another one; run again"),
    (LOST, LostError, "can't be reached; check that it runs and that its address is right"),
    (REFUSED, DatabaseError, "refused the login; check user, password and grants in QUARTET_DATABASE_URL"),
    ({1036, 1290, 1792, 1836}, DatabaseError, "is read-only; make it writable and run again"),
    ({NO_SPACE, 1021, 1026, 1114, 3675}, DatabaseError, "is full; make room and run again"),
)


def explain(error: Exception, place: str) -> DatabaseError:
    """Make the error to raise instead of a driver's own; `place` names the database without its password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        return _explain_sqlite(cause, place)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return _explain_mysql(cause, place, lost)


def _explain_sqlite(cause: sqlite3.Error, place: str) -> DatabaseError:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    kind = ClashError if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else DatabaseError
    if code in SQLITE_SENTENCES:
        return kind(f"The database {place} {SQLITE_SENTENCES[code]} ({cause}).")
    return kind(f"The database {place} refused a statement: {cause}.")


def _explain_mysql(cause: BaseException, place: str, lost: bool) -> DatabaseError:
    code = cause.args[0] if cause.args and isinstance(cause.args[0], int) else 0
    said = f"({code}: {cause.args[-1]})" if code else f"({cause})"
    if f"errno: {NO_SPACE}" in said:
        code = NO_SPACE
    for codes, kind, sentence in MYSQL_SENTENCES:
        if code in codes or (lost and kind is LostError):
            return kind(f"The database {place} {sentence} {said}.")
    return DatabaseError(f"The database {place} refused a statement {said}.")
