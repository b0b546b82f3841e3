"""A declared table in the form in which SQLAlchemy makes tables and statements."""

from functools import lru_cache
from typing import Any

import sqlalchemy
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import UserDefinedType

from db_handler.tables.column_types import sql_type
from db_handler.tables.table import Table


class StoredType(UserDefinedType[Any]):
    """The type of a column whose values SQLAlchemy passes on as they are: the encoders have made them."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind


@compiles(StoredType)
def _write_type(stored: StoredType, compiler: Any, **_: Any) -> str:
    return sql_type(stored.kind, compiler.dialect.name)


@lru_cache(maxsize=256)
def define_table(table: Table) -> sqlalchemy.Table:
    """Give the declaration the form in which SQLAlchemy makes tables and statements."""
    parts: list[SchemaItem] = [
        sqlalchemy.Column(name, StoredType(kind), nullable=name not in table.key, autoincrement=False)
        for name, kind in table.columns.items()
    ]
    parts.append(sqlalchemy.PrimaryKeyConstraint(*table.key))
    if table.index:
        parts.append(sqlalchemy.Index(f"{table.name}_by", *table.index))
    return sqlalchemy.Table(
        table.name,
        sqlalchemy.MetaData(),
        *parts,
        # Both keep their rows in the order of the key; text compares by its bytes on both.
        sqlite_with_rowid=False,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_0900_bin",
    )
