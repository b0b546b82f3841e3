"""One sentence for every way in which a database can be of no use, and whole transactions again where that helps."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from db_handler.connection.database import Database
from db_handler.connection.engine import read_url
from db_handler.connection.failures import ClashError, LostError, explain
from db_handler.errors import DatabaseError, QuartetError, UsageError
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.rows.single_rows import read_row, write_row
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from tests.db_handler.candles import CANDLES, make_candles

COUNTER = Table(name="test_counter", columns={"name": "text(16)", "value": "integer"}, key=("name",))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://u:hunter2@h/x", "begins with 'postgresql'"),
        ("mysql+mysqldb://u:hunter2@h/x", "begins with 'mysql.mysqldb'"),
        ("mysql://u:hun@ter2@h/x", "no plain host and name"),
        ("mysql://u:hunter2@h", "no plain host and name"),
        ("mysql://u:p@h:hunter2/x", "no database URL"),
        ("hunter2", "no database URL"),
        ("sqlite://", "names no file"),
        ("sqlite:////dev/null/x/y.db", "/dev/null/x/y.db can't be opened"),
        ("sqlite:////proc", "/proc can't be opened"),
        ("mysql://u:hunter2@127.0.0.1:1/x", "x on 127.0.0.1:1 can't be reached"),
    ],
)
def test_a_useless_url_is_one_sentence_without_the_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str, sentence: str
) -> None:
    monkeypatch.setenv("QUARTET_DATABASE_URL", url)
    with pytest.raises(QuartetError, match=sentence) as caught:
        open_database()
    assert "hunter2" not in str(caught.value)
    assert "ter2" not in str(caught.value)


def test_a_corrupt_file_is_one_sentence(home: Path) -> None:
    home.mkdir()
    (home / "quartet.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(DatabaseError, match=r"quartet\.db is no SQLite database"):
        open_database()


def test_the_password_is_never_shown() -> None:
    with Database(read_url("mysql://u:hunter2@h/x?ssl_key_password=hunter2")) as database:
        assert "hunter2" not in f"{database} {database!r} {database.url} {database.place}"


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    ensure_table(database, COUNTER)

    def fail() -> None:
        with database.begin() as connection:
            write_row(connection, COUNTER, name="a", value=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.begin(writing=False) as connection:
        assert read_row(connection, COUNTER, name="a") is None


@pytest.mark.parametrize(("failures", "kind"), [(2, ClashError), (3, LostError)])
def test_clashes_and_lost_connections_are_tried_again_as_a_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch, failures: int, kind: type[DatabaseError]
) -> None:
    monkeypatch.setattr("db_handler.connection.database.time.sleep", lambda _: None)
    ensure_table(database, COUNTER)
    tries = []

    def count(connection: Connection) -> int:
        tries.append(1)
        row = read_row(connection, COUNTER, lock=True, name="a")
        write_row(connection, COUNTER, name="a", value=(row["value"] if row else 0) + 1)
        if len(tries) <= failures:
            raise kind("met another one")
        return len(tries)

    assert database.retry(count) == failures + 1
    with database.begin() as connection:
        assert read_row(connection, COUNTER, name="a") == {"name": "a", "value": 1}


def test_a_server_that_has_answered_is_waited_for_and_an_unknown_one_is_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db_handler.connection.database.time.sleep", lambda _: None)
    connect, tries = database.engine.connect, []

    def restart() -> Connection:
        tries.append(1)
        if len(tries) < 4:
            raise OperationalError("SELECT 1", None, Exception(2003, "Can't connect"))
        return connect()

    monkeypatch.setattr(database.engine, "connect", restart)
    with database.begin(writing=False) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert len(tries) == 4
    tries.clear()
    monkeypatch.setattr(database, "_has_answered", False)
    with pytest.raises(LostError, match="can't be reached"), database.begin():
        pass
    assert len(tries) == 1


def test_three_clashes_are_enough(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db_handler.connection.database.time.sleep", lambda _: None)
    tries = []

    def clash(_: Connection) -> None:
        tries.append(1)
        raise ClashError("met another one")

    with pytest.raises(ClashError):
        database.retry(clash)
    assert len(tries) == 3


@pytest.mark.parametrize(
    ("code", "said", "kind", "sentence"),
    [
        (1213, "Deadlock found", ClashError, "met another"),
        (1205, "Lock wait timeout", ClashError, "met another"),
        (2013, "Lost connection", LostError, "can't be reached"),
        (1053, "Server shutdown in progress", LostError, "can't be reached"),
        (1290, "running with --read-only", DatabaseError, "is read-only; make it writable"),
        (1114, "The table is full", DatabaseError, "is full; make room"),
        (3, "Error writing file (Errcode: 28 - errno: 28 - No space left)", DatabaseError, "is full; make room"),
        (1045, "Access denied", DatabaseError, "refused the login"),
        (1146, "Table doesn't exist", DatabaseError, "refused a statement"),
    ],
)
def test_what_mysql_says_becomes_one_sentence(code: int, said: str, kind: type, sentence: str) -> None:
    error = explain(OperationalError("SELECT 1", {}, Exception(code, said)), "x on h:3306")
    assert type(error) is kind
    assert sentence in str(error)


def test_a_full_or_read_only_file_is_not_tried_again(database: Database) -> None:
    ensure_table(database, CANDLES)
    tries = []

    def fill(connection: Connection) -> None:
        tries.append(1)
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        upsert_rows(connection, CANDLES, make_candles(range(5000)))

    with pytest.raises(DatabaseError, match="the disk is full; make room"):
        database.retry(fill)
    assert len(tries) == 1


def test_a_read_only_file_is_one_sentence(database: Database) -> None:
    def write(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        upsert_rows(connection, CANDLES, make_candles([1]))

    ensure_table(database, CANDLES)
    with pytest.raises(DatabaseError, match="is read-only; check the permissions"):
        database.retry(write)


def test_sqlite_is_set_up_for_many_readers_and_a_writer(database: Database) -> None:
    with database.begin() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "busy_timeout": 30_000, "synchronous": 1, "foreign_keys": 1}


def test_readers_see_whole_transactions_while_one_writes(database: Database) -> None:
    ensure_table(database, CANDLES)
    with database.begin() as writer:
        upsert_rows(writer, CANDLES, make_candles(range(5)))
        with database.begin(writing=False) as reader:
            assert read_rows(reader, CANDLES).empty
    with database.begin(writing=False) as reader:
        assert len(read_rows(reader, CANDLES)) == 5


def test_threads_that_count_lose_nothing(database: Database) -> None:
    ensure_table(database, COUNTER)
    with database.begin() as connection:
        write_row(connection, COUNTER, name="a", value=0)

    def add_one(connection: Connection) -> None:
        row = read_row(connection, COUNTER, lock=True, name="a")
        assert row is not None
        write_row(connection, COUNTER, name="a", value=row["value"] + 1)

    threads = [threading.Thread(target=lambda: [database.retry(add_one) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.begin() as connection:
        assert read_row(connection, COUNTER, name="a") == {"name": "a", "value": 80}


def test_a_busy_file_is_a_clash(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db_handler.connection.engine.BUSY_SECONDS", 0.05)
    refused = pytest.raises(ClashError, match="kept busy by another process")
    with database.begin(), Database(database.engine.url) as other, refused, other.begin():
        pass


def test_a_wrong_statement_is_one_sentence(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"refused a statement.*no_such"), database.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM no_such")


def test_usage_errors_have_their_status() -> None:
    assert (UsageError.exit_status, DatabaseError.exit_status) == (2, 1)
