"""What a table looks like, and making the database agree: new columns are added, nothing is ever destroyed."""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import Connection

from db_handler.connection.database import Database
from db_handler.errors import DatabaseError
from db_handler.tables.column_types import SQLITE_TYPES, is_kind, sql_type

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
        return hash((self.name, *self.columns.items(), self.key, self.newest, self.unwatched, self.index))

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
    if not is_kind(kind):
        raise ValueError(f"{place} is of unknown type {kind!r}; use text(32) or one of {', '.join(SQLITE_TYPES)}")
    if in_key and kind in ("text", "float", *UNORDERED):
        raise ValueError(f"{place} is part of the key and can't be {kind}; a text in a key has a length, as text(64)")


def ensure_table(database: Database, table: Table) -> None:
    """Creates the table or adds its new columns; cheap when this database has seen it like this before."""
    if database.ensured.get(table.name) == table:
        return
    with database.begin(writing=False) as connection:
        there = describe_table(connection, table.name)
    if there != _wanted(table, database.dialect):
        with database.begin() as connection, database.alone(connection, "tables"):
            _bring_about(connection, table)
    database.ensured[table.name] = table


def create_table(connection: Connection, table: Table) -> None:
    """The table as it is written here; nothing where one of that name is there."""
    dialect = connection.dialect.name
    columns = [_column(name, kind, dialect, table.key) for name, kind in table.columns.items()]
    key, index = (", ".join(f"`{name}`" for name in names) for names in (table.key, table.index))
    inside = f", KEY `{table.name}_by` ({index})" if index and dialect == "mysql" else ""
    # Both keep their rows in the order of the key; text compares by its bytes on both.
    tail = " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin" if dialect == "mysql" else " WITHOUT ROWID"
    connection.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS `{table.name}` ({', '.join(columns)}, PRIMARY KEY ({key}){inside}){tail}"
    )
    if index and dialect == "sqlite":
        connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS `{table.name}_by` ON `{table.name}` ({index})")


def describe_table(connection: Connection, name: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The columns of a table with the types that the database reports, and its key; both empty without a table."""
    if connection.dialect.name == "mysql":
        statement = (
            "SELECT c.column_name, c.column_type, k.ordinal_position FROM information_schema.columns c "
            "LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND "
            "k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY' "
            "WHERE c.table_schema = DATABASE() AND c.table_name = %s ORDER BY c.ordinal_position"
        )
    else:
        statement = "SELECT name, type, pk FROM pragma_table_info(?)"
    found = connection.exec_driver_sql(statement, (name,)).all()
    key = sorted((place, column) for column, _, place in found if place)
    return {column: kind for column, kind, _ in found}, tuple(column for _, column in key)


def _wanted(table: Table, dialect: str) -> tuple[dict[str, str], tuple[str, ...]]:
    return {name: sql_type(kind, dialect) for name, kind in table.columns.items()}, table.key


def _column(name: str, kind: str, dialect: str, key: tuple[str, ...] = ()) -> str:
    return f"`{name}` {sql_type(kind, dialect)}{' NOT NULL' if name in key else ' NULL'}"


def _bring_about(connection: Connection, table: Table) -> None:
    dialect = connection.dialect.name
    there, key = describe_table(connection, table.name)
    if not there:
        return create_table(connection, table)
    _refuse_destruction(table, there, key, dialect)
    for name, kind in table.columns.items():
        if name not in there:
            connection.exec_driver_sql(f"ALTER TABLE `{table.name}` ADD COLUMN {_column(name, kind, dialect)}")
    return None


def _refuse_destruction(table: Table, there: dict[str, str], key: tuple[str, ...], dialect: str) -> None:
    advice = "declare it as it was, or give the table a new name and fill that"
    for name, kind in there.items():
        if name not in table.columns:
            if table.derived and name not in key:
                continue
            raise DatabaseError(
                f"Table {table.name} has a column {name} that is declared no more, and nothing is dropped by itself: "
                f"declare it again, begin in another home (QUARTET_HOME), or drop it by hand after a backup (ALTER "
                f"TABLE {table.name} DROP COLUMN {name})."
            )
        wanted = sql_type(table.columns[name], dialect)
        if wanted != kind:
            raise DatabaseError(
                f"Column {table.name}.{name} is {kind} in the database but declared {wanted}: {advice}."
            )
    if key != table.key:
        raise DatabaseError(
            f"Table {table.name} has the key {', '.join(key)} but is declared with {', '.join(table.key)}: {advice}."
        )
