"""One engine for SQLite and one for MySQL, set up so that both behave alike: real transactions, UTC, exact text."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from db_handler.errors import UsageError

BUSY_SECONDS = 30
FORMS = "sqlite:////path/to/file.db or mysql+pymysql://user:password@host/name"
SSL_OPTIONS = "ssl_ca ssl_capath ssl_cert ssl_check_hostname ssl_cipher ssl_key ssl_key_password".split()
OPTIONS = {"sqlite": {"timeout"}, "mysql": {"charset", "unix_socket", *SSL_OPTIONS}}
# A server that does not greet is not waited for; a statement may take long.
LOGIN_SECONDS, ANSWER_SECONDS = 20, 300
DRIVERS = {"sqlite": "sqlite", "mysql": "mysql+pymysql"}


def read_url(text: str) -> URL:
    """Read a database URL that this room can open; what is wrong with another is said without repeating it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(f"QUARTET_DATABASE_URL is no database URL; write it as {FORMS}.") from None
    dialect = url.get_backend_name()
    if url.drivername not in {*DRIVERS, *DRIVERS.values(), "sqlite+pysqlite"}:
        raise UsageError(f"QUARTET_DATABASE_URL begins with {url.drivername!r}, which is unknown; write it as {FORMS}.")
    if "@" in (url.host or "") or (dialect == "mysql" and not (url.host and url.database)):
        form = f"{FORMS}, with the @ : / of a password as %40 %3A %2F"
        raise UsageError(f"QUARTET_DATABASE_URL has no plain host and name; write it as {form}.")
    if dialect == "sqlite" and url.database in (None, "", ":memory:"):
        raise UsageError("QUARTET_DATABASE_URL names no file; a SQLite database in memory can't be shared by steps.")
    if unknown := sorted(set(url.query) - OPTIONS[dialect]):
        advice = f"leave it out, or use one of {', '.join(sorted(OPTIONS[dialect]))}"
        raise UsageError(f"QUARTET_DATABASE_URL has the option {unknown[0]!r:.60}, which is unknown; {advice}.")
    return url.set(drivername=DRIVERS[dialect])


def name_place(url: URL) -> str:
    """Name the database for a sentence: never with its user's password or options."""
    if url.get_backend_name() == "sqlite":
        return str(Path(str(url.database)).absolute())
    return f"{url.database} on {url.host}:{url.port or 3306}"


def make_engine(url: URL) -> Engine:
    """Make the engine of a URL that `read_url` has read."""
    return _make_sqlite(url) if url.get_backend_name() == "sqlite" else _make_mysql(url)


def _make_sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(driver: Any, _record: Any) -> None:
        # The driver's own handling of transactions begins them late and ends them early; ours are explicit.
        driver.isolation_level = None
        try:
            driver.execute("PRAGMA synchronous=NORMAL")
            driver.execute("PRAGMA foreign_keys=ON")
        except sqlite3.Error:
            # The pool does not know this connection yet, so nobody else would close it.
            driver.close()
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", True)
        # A transaction that reads first and writes later can't wait for another writer: it takes its turn at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _make_mysql(url: URL) -> Engine:
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import conversions

    # Decimals and times stay the text that the server sends, which is exactly how SQLite holds them.
    as_text = (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATE)
    session = (
        "SET SESSION time_zone='+00:00', transaction_isolation='READ-COMMITTED', innodb_lock_wait_timeout=20, "
        "div_precision_increment=30, "  # else a quotient or an average of whole numbers has four places
        "sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
    )
    engine = create_engine(
        url.update_query_dict({"charset": "utf8mb4"}),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "conv": {kind: how for kind, how in conversions.items() if kind not in as_text},
            "connect_timeout": 10,
            "read_timeout": LOGIN_SECONDS,
            "write_timeout": ANSWER_SECONDS,
            "init_command": session,
        },
    )

    @event.listens_for(engine, "connect")
    def allow_long_statements(driver: Any, _record: Any) -> None:
        driver._read_timeout = ANSWER_SECONDS  # the driver has no public setting for it beside that of the login

    return engine
