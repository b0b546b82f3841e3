"""Rows that another table lacks or has otherwise."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.errors import DatabaseError
from db_handler.rows.changed_rows import read_changed_rows
from db_handler.rows.frames import upsert_rows
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table

DAY = datetime(2025, 1, 1, tzinfo=UTC)
SOURCE = Table(name="source", columns={"id": "text(8)", "at": "time", "word": "text", "size": "float"}, key=("id",))
TAKEN = Table(name="taken", columns={"id": "text(8)", "word": "text", "size": "float", "more": "text"}, key=("id",))


@pytest.fixture
def filled(database: Database) -> Database:
    for table in (SOURCE, TAKEN):
        ensure_table(database, table)
    source = [("same", "x", 1.0), ("other", "x", 2.0), ("empty", None, None), ("gone", "x", None), ("new", "x", 1.0)]
    taken = [("same", "x", 1.0), ("other", "x", 1.0), ("empty", None, None), ("gone", None, None), ("only", "x", 1.0)]
    with database.begin() as connection:
        upsert_rows(connection, SOURCE, pd.DataFrame(source, columns=["id", "word", "size"]).assign(at=DAY))
        upsert_rows(connection, TAKEN, pd.DataFrame(taken, columns=["id", "word", "size"]))
    return database


@pytest.mark.parametrize(
    ("compare", "lacking", "expected"),
    [
        (("word", "size"), True, ["gone", "new", "other"]),
        (("word", "size"), False, ["gone", "other"]),
        (("word",), True, ["gone", "new"]),
        ((), True, ["new"]),
        ((), False, []),
    ],
)
def test_what_is_new_or_differs_comes_with_all_its_columns(
    filled: Database, compare: tuple[str, ...], lacking: bool, expected: list[str]
) -> None:
    with filled.begin(writing=False) as connection:
        found = read_changed_rows(connection, SOURCE, TAKEN, compare=compare, lacking=lacking)
    assert list(found["id"]) == expected
    assert list(found.columns) == ["id", "at", "word", "size"]


def test_a_moment_bounds_it(filled: Database) -> None:
    with filled.begin(writing=False) as connection:
        assert read_changed_rows(connection, SOURCE, TAKEN, compare=("word",), until=("at", DAY)).empty


def test_a_column_that_one_table_lacks_is_refused(filled: Database) -> None:
    with filled.begin(writing=False) as connection, pytest.raises(DatabaseError, match="has no column 'at'"):
        read_changed_rows(connection, SOURCE, TAKEN, compare=("at",))
