"""The kinds of columns, and what each is called on SQLite and MySQL."""

import re
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import UserDefinedType

SHORT_TEXT = re.compile(r"text\((\d{1,4})\)")
# Words that give SQLite the right affinity, and that tell the kinds apart when a table is looked at again.
SQLITE_TYPES = {
    "text": "TEXT",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "price": "DECIMAL_TEXT(20,8)",
    "amount": "DECIMAL_TEXT(30,8)",
    "time": "TIME_TEXT",
    "date": "DATE_TEXT",
    "boolean": "BOOLEAN",
    "json": "JSON_TEXT",
}
MYSQL_TYPES = {
    "text": "mediumtext",
    "integer": "bigint",
    "float": "double",
    "price": "decimal(20,8)",
    "amount": "decimal(30,8)",
    "time": "datetime(6)",
    "date": "date",
    "boolean": "tinyint(1)",
    "json": "longtext",
}
WHOLE_DIGITS = {"price": 12, "amount": 22}


class StoredType(UserDefinedType[Any]):
    """The type of a column whose values SQLAlchemy passes on as they are: the encoders have made them."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind


@compiles(StoredType)
def _write_type(stored: StoredType, compiler: Any, **_: Any) -> str:
    return sql_type(stored.kind, compiler.dialect.name)


def is_kind(kind: str) -> bool:
    """Say whether a declaration may name this kind."""
    return kind in SQLITE_TYPES or SHORT_TEXT.fullmatch(kind) is not None


def read_length(kind: str) -> int | None:
    """Read how many characters a text(32) holds; None for what has no such limit."""
    short = SHORT_TEXT.fullmatch(kind)
    return int(short[1]) if short else None


def sql_type(kind: str, dialect: str) -> str:
    """Name the type of a column as the database itself reports it."""
    length = read_length(kind)
    if length is not None:
        return f"varchar({length})"
    return (MYSQL_TYPES if dialect == "mysql" else SQLITE_TYPES)[kind]
