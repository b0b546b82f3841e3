"""Tables made and widened by themselves, and never made smaller."""

import pandas as pd
import pytest
from pydantic import ValidationError

from db_handler.connection.database import Database
from db_handler.errors import DatabaseError
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import create_table, describe_table, ensure_table
from db_handler.tables.table import Table

FIRST = Table(name="test_wide", columns={"id": "integer", "a": "float"}, key=("id",))


def test_new_columns_are_added_and_old_rows_stay(database: Database) -> None:
    ensure_table(database, FIRST)
    with database.begin() as connection:
        upsert_rows(connection, FIRST, pd.DataFrame({"id": [1], "a": [1.5]}))
    wide = FIRST.model_copy(update={"columns": {"id": "integer", "order": "price", "a": "float", "b": "json"}})
    ensure_table(database, wide)
    ensure_table(open_database(), wide)
    with database.begin() as connection:
        assert read_rows(connection, wide)[["id", "a"]].to_dict("records") == [{"id": 1, "a": 1.5}]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"columns": {"id": "integer"}}, "test_wide has a column a that is declared no more.*drop it by hand"),
        ({"columns": {"id": "integer", "a": "price"}}, "test_wide.a is .* declared it as it was|test_wide.a is "),
        ({"columns": {"id": "text(9)", "a": "float"}}, "test_wide.id is "),
        (
            {"columns": {"id": "integer", "a": "float", "c": "integer"}, "key": ("id", "c")},
            "the key id but is declared",
        ),
    ],
)
def test_what_would_destroy_is_refused(database: Database, change: dict[str, object], sentence: str) -> None:
    ensure_table(database, FIRST)
    with pytest.raises(DatabaseError, match=sentence):
        ensure_table(database, FIRST.model_copy(update=change))
    with database.begin() as connection:
        assert list(describe_table(connection, "test_wide").columns) == ["id", "a"]


def test_an_unchanged_table_costs_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_table(database, FIRST)
    monkeypatch.setattr(Database, "begin", None)
    ensure_table(database, Table(**FIRST.model_dump()))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "x; DROP TABLE y"}, "is no name"),
        ({"name": "가격"}, "is no name"),
        ({"name": "x" * 10_000}, "is no name"),
        ({"columns": {"id": "integer", "a`": "float"}}, "is no name"),
        ({"columns": {"id": "integer", "a": "decimal"}}, "unknown type 'decimal'"),
        ({"columns": {"id": "text", "a": "float"}}, "has a length"),
        ({"key": ("b",)}, "no column 'b'"),
        ({"key": ()}, "needs a key"),
        ({"newest": ("id",)}, "needs a key of its own"),
        ({"columns": {"id": "integer", "a": "price"}, "newest": ("a",)}, "newest takes no price"),
    ],
)
def test_a_wrong_declaration_is_refused(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Table(**{**FIRST.model_dump(), **given})


@pytest.mark.parametrize("before", [(), ("b",)])
def test_an_index_that_is_declared_later_is_made(database: Database, before: tuple[str, ...]) -> None:
    plain = Table(
        name="test_indexed", columns={"id": "integer", "a": "integer", "b": "time"}, key=("id",), index=before
    )
    ensure_table(database, plain)
    with database.begin() as connection:
        upsert_rows(connection, plain, pd.DataFrame({"id": [1], "a": [2]}))
        assert describe_table(connection, "test_indexed").index == before
    indexed = plain.model_copy(update={"index": ("b", "a")})
    ensure_table(database, indexed)
    ensure_table(open_database(), indexed)
    with database.begin() as connection:
        assert describe_table(connection, "test_indexed").index == ("b", "a")
        assert list(read_rows(connection, indexed)["a"]) == [2]
    ensure_table(open_database(), plain.model_copy(update={"index": ()}))
    with database.begin() as connection:
        assert describe_table(connection, "test_indexed").index == ("b", "a")


def test_a_table_that_was_left_without_its_index_gets_it(database: Database) -> None:
    indexed = Table(name="test_indexed", columns={"id": "integer", "a": "integer"}, key=("id",), index=("a",))
    with database.begin() as connection:
        create_table(connection, indexed.model_copy(update={"index": ()}))
        create_table(connection, indexed)
        create_table(connection, indexed)
        assert describe_table(connection, "test_indexed").index == ("a",)
