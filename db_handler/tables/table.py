"""How a table is declared."""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from db_handler.errors import DatabaseError
from db_handler.tables.column_types import TYPES, read_length

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
UNORDERED = ("price", "amount", "json")


class Table(BaseModel):
    """A table with its key; by `newest` the newer version of a row wins, `unwatched` alone doesn't change one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]
    newest: tuple[str, ...] = ()
    unwatched: tuple[str, ...] = ()
    index: tuple[str, ...] = ()  # columns by which rows are looked up besides the key
    derived: bool = False  # made anew from other tables, so that a column declared no more may stay behind, unused

    def __hash__(self) -> int:
        return hash((self.name, *self.columns, self.key))

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in (self.name, *self.columns):
            if not NAME.fullmatch(name):
                raise ValueError(f"{name[:80]!r} is no name: use a to z, 0 to 9 and _, at most 63, a letter first")
        for name, kind in self.columns.items():
            _check_kind(f"{self.name}.{name}", kind, in_key=name in self.key)
        for name in (*self.key, *self.newest, *self.unwatched, *self.index):
            if name not in self.columns:
                raise ValueError(f"{self.name} has no column {name!r}; it has {', '.join(self.columns)}")
        if not self.key or len(set(self.key)) < len(self.key) or set(self.key) & {*self.newest, *self.unwatched}:
            raise ValueError(f"{self.name} needs a key of its own columns, apart from newest and unwatched")
        if any(self.columns[name] in UNORDERED for name in self.newest):
            raise ValueError(f"{self.name}: newest takes no {', '.join(UNORDERED)}")
        return self


def _check_kind(place: str, kind: str, *, in_key: bool) -> None:
    if kind not in TYPES and read_length(kind) is None:
        raise ValueError(f"{place} is of unknown type {kind!r}; use text(32) or one of {', '.join(TYPES)}")
    if in_key and kind in ("text", "float", *UNORDERED):
        raise ValueError(f"{place} is part of the key and can't be {kind}; a text in a key has a length, as text(64)")


def check_names(table: Table, *names: str) -> None:
    """Refuse names of columns that the table lacks."""
    for name in names:
        if name not in table.columns:
            columns = ", ".join(table.columns)
            raise DatabaseError(f"Table {table.name} has no column {str(name)[:80]!r}; it has {columns}.")
