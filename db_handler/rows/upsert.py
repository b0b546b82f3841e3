"""Rows in by key, as often as one likes: the newer version of a row wins, and what changed is known exactly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from db_handler.errors import DatabaseError
from db_handler.rows.conditions import join_conditions
from db_handler.rows.statements import Query, select_rows, write_upsert
from db_handler.tables.columns import decode_column, encode_column, turn_rows
from db_handler.tables.table import Table, check_names
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
        return pd.DataFrame({name: decode_column(table.columns[name], v) for name, v in turn_rows(table.key, keys)})

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
        """Say whether `row` takes the place of `other`, which came before it."""
        return not self.table.newest or self.rank(row) > self.rank(other)

    def rank(self, row: Row) -> Row:
        # Of equally new versions the greater one wins, so that the order of arrival never matters.
        return tuple((value is not None, value) for value in (*self.newest_of(row), *row))


def upsert_rows(connection: Connection, table: Table, rows: pd.DataFrame) -> Upserted:
    """Insert and update by key within the caller's transaction; columns that `rows` lacks are left as they are."""
    names = tuple(rows.columns) if len(rows) else tuple(table.columns)
    shape = _shape_of(table, names, connection.dialect.name)
    offered = _resolve(shape, _encode_rows(shape, rows))
    fresh, revised = list[Row](), list[tuple[Row, Row]]()
    for start in range(0, len(offered), CHUNK):
        chunk = offered[start : start + CHUNK]
        stored = _read_stored(connection, shape, chunk)
        new, better, touched = _compare(shape, chunk, stored)
        writes = [*new, *touched, *(after for _, after in better)]
        if writes:
            connection.exec_driver_sql(shape.statement, writes)
        fresh += new
        revised += better
    unchanged = len(offered) - len(fresh) - len(revised)
    return Upserted(len(fresh), len(revised), unchanged, shape, fresh, revised)


def _encode_rows(shape: _Shape, rows: pd.DataFrame) -> list[Row]:
    if rows.empty:
        return []
    table = shape.table
    columns = [encode_column(table.columns[name], rows[name], f"{table.name}.{name}") for name in shape.names]
    for name, column in zip(shape.names, columns, strict=True):
        if name in table.key and None in column:
            raise DatabaseError(f"{table.name}.{name} is part of the key and can't be empty.")
    return list(zip(*columns, strict=True))


def _resolve(shape: _Shape, rows: list[Row]) -> list[Row]:
    """Keep one row a key, in the order of the keys: two writers then take their locks in the same order."""
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
    """Tell new rows, (before, after) of changed ones, and those of which only unwatched columns are newer."""
    if not stored:
        return chunk, [], []
    new, better, touched = [], [], []
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
    """Read the stored rows of the keys' range, by key, and hold them until the transaction ends."""
    parts: list[tuple[str, str, Any]] = []
    for name in shape.table.key:
        place = shape.names.index(name)
        distinct = sorted({row[place] for row in chunk})
        is_short = len(distinct) <= FEW_KEYS
        parts += [(name, "in", distinct)] if is_short else [(name, ">=", distinct[0]), (name, "<=", distinct[-1])]
    conditions = join_conditions(parts)
    query = Query(shape.table, shape.names, conditions.comparisons, lock=True)
    rows = select_rows(connection, query, conditions.parameters())
    return {shape.key_of(row): tuple(row) for row in rows}


@lru_cache(maxsize=256)
def _shape_of(table: Table, names: tuple[str, ...], dialect: str) -> _Shape:
    check_names(table, *names)
    if len(set(names)) < len(names):
        raise DatabaseError(f"Rows for {table.name} have a column twice: {', '.join(names)}.")
    for name in (*table.key, *table.newest):
        if name not in names:
            raise DatabaseError(f"Rows for {table.name} lack the column {name}.")
    names = tuple(name for name in table.columns if name in names)
    watched = [name for name in names if name not in (*table.key, *table.unwatched)]
    return _Shape(
        table=table,
        names=names,
        statement=write_upsert(table, names, dialect),
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
