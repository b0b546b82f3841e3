"""The statements on one table, each written by SQLAlchemy once: its values come as parameters."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Delete, Select, delete, func, select, tuple_
from sqlalchemy.dialects import mysql, sqlite

from db_handler.rows.conditions import Comparison, Record, write_comparisons
from db_handler.tables.define_table import define_table
from db_handler.tables.table import Table

STATEMENTS = 1_000
DIALECTS = {"sqlite": sqlite.dialect(), "mysql": mysql.dialect()}


class Query(NamedTuple):
    """A SELECT but for its values: `-name` orders descending, `lock` keeps others from changing the rows."""

    table: Table
    names: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    order_by: tuple[str, ...] = ()
    limit: int | None = None
    lock: bool = False


def select_rows(connection: Connection, query: Query, values: Record) -> Sequence[tuple[Any, ...]]:
    """Read the rows in their stored form."""
    return connection.execute(_write_select(query), values).tuples().all()


@lru_cache(STATEMENTS)
def _write_select(query: Query) -> Select[Any]:
    core = define_table(query.table)
    order = [core.c[name[1:]].desc() if name.startswith("-") else core.c[name] for name in query.order_by]
    statement = select(*(core.c[name] for name in query.names)).where(*write_comparisons(core, query.comparisons))
    statement = statement.order_by(*order).limit(query.limit)
    # SQLite has no other writer in a transaction that writes, and SQLAlchemy leaves its FOR UPDATE out.
    return statement.with_for_update() if query.lock else statement


@lru_cache(STATEMENTS)
def write_delete(table: Table, comparisons: tuple[Comparison, ...]) -> Delete:
    """Write a DELETE."""
    core = define_table(table)
    return delete(core).where(*write_comparisons(core, comparisons))


@lru_cache(STATEMENTS)
def write_upsert(table: Table, names: tuple[str, ...], dialect: str, *, update: bool = True) -> str:
    """Write an INSERT of columns in the table's order that updates, or else leaves, the row with the same key.

    It is text for the driver: SQLAlchemy would take each of many rows apart, and PyMySQL makes one statement of many
    rows in this form.
    """
    rest = tuple(name for name in names if update and name not in table.key)
    insert = _insert_mysql(table, rest) if dialect == "mysql" else _insert_sqlite(table, rest)
    return str(insert.compile(dialect=DIALECTS[dialect], column_keys=names))


def _insert_sqlite(table: Table, rest: tuple[str, ...]) -> sqlite.Insert:
    insert = sqlite.insert(define_table(table))
    if not rest:
        return insert.on_conflict_do_nothing(index_elements=table.key)
    return insert.on_conflict_do_update(index_elements=table.key, set_={name: insert.excluded[name] for name in rest})


def _insert_mysql(table: Table, rest: tuple[str, ...]) -> mysql.Insert:
    core = define_table(table)
    insert = mysql.insert(core)
    if not rest:
        # Not INSERT IGNORE: that would hide other mistakes, and lock the row in a way that two of them deadlock.
        return insert.on_duplicate_key_update({table.key[0]: core.c[table.key[0]]})
    if not table.newest:
        return insert.on_duplicate_key_update({name: insert.inserted[name] for name in rest})
    # A version which another writer made newer in between survives.
    newer = tuple_(*(core.c[n] for n in table.newest)) > tuple_(*(insert.inserted[n] for n in table.newest))
    # Assignments see those before them: the columns that decide come last, the first of them at the very end.
    ordered = [*(name for name in rest if name not in table.newest), *reversed(table.newest)]
    return insert.on_duplicate_key_update([(n, func.if_(newer, core.c[n], insert.inserted[n])) for n in ordered])
