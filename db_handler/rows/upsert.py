"""Rows in by key, as often as one likes: the newer version of a row wins, and what changed is known exactly."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from db_handler.errors import DatabaseError
from db_handler.rows.conditions import quote_column, run_statement
from db_handler.tables.columns import decode_column, encode_column
from db_handler.tables.table import Table
from db_handler.tables.values import decode_value

Row = tuple[Any, ...]
CHUNK = 5_000
# A longer list of keys is read as a range.
FEW_KEYS = 100


@dataclass(frozen=True)
class Upserted:
    """What an upsert did: `changed` has the keys of what is new or updated, `revised` the updated before and after."""

    inserted: int
    updated: int
    unchanged: int
    _shape: "_Shape" = field(repr=False)
    _fresh: list[Row] = field(repr=False)
    _revised: list[tuple[Row, Row]] = field(repr=False)

    @cached_property
    def changed(self) -> pd.DataFrame:
        table, key_of = self._shape.table, self._shape.key_of
        keys = sorted(key_of(row) for row in [*self._fresh, *(after for _, after in self._revised)])
        columns = list(zip(*keys, strict=True)) or [()] * len(table.key)
        return pd.DataFrame({n: decode_column(table.columns[n], c) for n, c in zip(table.key, columns, strict=True)})

    @cached_property
    def revised(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [(self._shape.as_dict(before), self._shape.as_dict(after)) for before, after in self._revised]


@dataclass(frozen=True)
class _Shape:
    """A table and the columns that are offered: the statement, and where in a row its parts are."""

    table: Table
    names: tuple[str, ...]
    statement: str
    key_of: Callable[[Row], Row]
    watched_of: Callable[[Row], Row]
    newest_of: Callable[[Row], Row]

    def as_dict(self, row: Row) -> dict[str, Any]:
        return {n: decode_value(self.table.columns[n], value) for n, value in zip(self.names, row, strict=True)}

    def beats(self, row: Row, other: Row) -> bool:
        """Whether `row` takes the place of `other`, which came before it."""
        return not self.table.newest or self.rank(row) > self.rank(other)

    def rank(self, row: Row) -> Row:
        # Of equally new versions the greater one wins, so that the order of arrival never matters.
        return tuple((value is not None, value) for value in (*self.newest_of(row), *row))


def upsert_rows(connection: Connection, table: Table, rows: pd.DataFrame) -> Upserted:
    """Inserts and updates by key within the caller's transaction; columns that `rows` lacks are left as they are."""
    names = tuple(rows.columns) if len(rows) else tuple(table.columns)
    shape = _shape_of(table, names, connection.dialect.name)
    offered = _resolve(shape, _encode_rows(table, rows))
    fresh: list[Row] = []
    revised: list[tuple[Row, Row]] = []
    for start in range(0, len(offered), CHUNK):
        chunk = offered[start : start + CHUNK]
        stored = _read_stored(connection, shape, chunk)
        new, better, touched = _compare(shape, chunk, stored)
        writes = [*new, *touched, *(after for _, after in better)]
        if writes:
            run_statement(connection, shape.statement, writes)
        fresh += new
        revised += better
    unchanged = len(offered) - len(fresh) - len(revised)
    return Upserted(len(fresh), len(revised), unchanged, shape, fresh, revised)


def _encode_rows(table: Table, rows: pd.DataFrame) -> list[Row]:
    if rows.empty:
        return []
    columns = [encode_column(table.columns[n], rows[n], f"{table.name}.{n}") for n in rows.columns]
    for name, column in zip(rows.columns, columns, strict=True):
        if name in table.key and None in column:
            raise DatabaseError(f"{table.name}.{name} is part of the key and can't be empty.")
    return list(zip(*columns, strict=True))


def _resolve(shape: _Shape, rows: list[Row]) -> list[Row]:
    """One row a key, in the order of the keys: two writers then take their locks in the same order."""
    winners: dict[Row, Row] = {}
    if len(set(map(shape.key_of, rows))) < len(rows):
        for row in rows:
            key = shape.key_of(row)
            if key not in winners or shape.beats(row, winners[key]):
                winners[key] = row
        rows = list(winners.values())
    return sorted(rows, key=shape.key_of)


def _compare(
    shape: _Shape, chunk: list[Row], stored: dict[Row, Row]
) -> tuple[list[Row], list[tuple[Row, Row]], list[Row]]:
    """New rows, (before, after) of changed ones, and those of which only unwatched columns are newer."""
    if not stored:
        return chunk, [], []
    new: list[Row] = []
    better: list[tuple[Row, Row]] = []
    touched: list[Row] = []
    for row in chunk:
        before = stored.get(shape.key_of(row))
        if before is None:
            new.append(row)
        elif before != row and shape.beats(row, before):
            if shape.watched_of(before) != shape.watched_of(row):
                better.append((before, row))
            elif shape.table.newest:  # else an unwatched column says nothing about which version is newer
                touched.append(row)
    return new, better, touched


def _read_stored(connection: Connection, shape: _Shape, chunk: list[Row]) -> dict[Row, Row]:
    """The stored rows of the keys' range, by key."""
    parts, values = [], []
    for name in shape.table.key:
        place = shape.names.index(name)
        distinct = sorted({row[place] for row in chunk})
        few = len(distinct) <= FEW_KEYS
        parts.append(f"`{name}` IN ({', '.join('?' * len(distinct))})" if few else f"`{name}` BETWEEN ? AND ?")
        values += distinct if few else [distinct[0], distinct[-1]]
    columns = ", ".join(f"`{name}`" for name in shape.names)
    # MySQL holds the rows that it finds until the end, SQLite has no other writer anyway.
    lock = " FOR UPDATE" if connection.dialect.name == "mysql" else ""
    statement = f"SELECT {columns} FROM `{shape.table.name}` WHERE {' AND '.join(parts)}{lock}"
    found = run_statement(connection, statement, tuple(values))
    return {shape.key_of(row): tuple(row) for row in found}


@lru_cache(maxsize=256)
def _shape_of(table: Table, names: tuple[str, ...], dialect: str) -> _Shape:
    for name in names:
        quote_column(table, name)
    if len(set(names)) < len(names):
        raise DatabaseError(f"Rows for {table.name} have a column twice: {', '.join(names)}.")
    for name in (*table.key, *table.newest):
        if name not in names:
            raise DatabaseError(f"Rows for {table.name} lack the column {name}.")
    watched = [name for name in names if name not in (*table.key, *table.unwatched)]
    return _Shape(
        table=table,
        names=names,
        statement=write_statement(table, names, dialect),
        key_of=_getter(names, table.key),
        watched_of=_getter(names, watched),
        newest_of=_getter(names, table.newest),
    )


def _getter(names: Sequence[str], wanted: Sequence[str]) -> Callable[[Row], Row]:
    places = [names.index(name) for name in wanted]
    if not places:
        return lambda _row: ()
    # A slice keeps a single column a tuple.
    return itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))


def write_statement(table: Table, names: Sequence[str], dialect: str) -> str:
    """INSERT of these columns, or else UPDATE, in the form that PyMySQL rewrites to many rows at a time."""
    rest = [name for name in names if name not in table.key]
    columns = ", ".join(f"`{name}`" for name in names)
    insert = f"INSERT INTO `{table.name}` ({columns}) VALUES ({', '.join('?' * len(names))})"
    if dialect == "mysql":
        return f"{insert} ON DUPLICATE KEY UPDATE {', '.join(_mysql_updates(table, rest))}"
    key = ", ".join(f"`{name}`" for name in table.key)
    updates = ", ".join(f"`{name}` = excluded.`{name}`" for name in rest)
    return f"{insert} ON CONFLICT ({key}) DO {f'UPDATE SET {updates}' if rest else 'NOTHING'}"


def _mysql_updates(table: Table, rest: Sequence[str]) -> Iterator[str]:
    """Assignments that a version which another writer made newer in between survives."""
    if not rest:
        yield f"`{table.key[0]}` = `{table.key[0]}`"
    if not table.newest:
        yield from (f"`{name}` = VALUES(`{name}`)" for name in rest)
        return
    mine = ", ".join(f"VALUES(`{name}`)" for name in table.newest)
    theirs = ", ".join(f"`{name}`" for name in table.newest)
    # Assignments see those before them: the columns that decide come last, the first of them at the very end.
    ordered = [*(name for name in rest if name not in table.newest), *reversed(table.newest)]
    for name in ordered:
        yield f"`{name}` = IF(({mine}) < ({theirs}), `{name}`, VALUES(`{name}`))"
