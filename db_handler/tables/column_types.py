"""The kinds of columns, and what each is called on SQLite and MySQL."""

import re

SHORT_TEXT = re.compile(r"text\((\d{1,4})\)")
# SQLite's words give the right affinity, and tell the kinds apart when a table is looked at again.
TYPES = {
    "text": {"sqlite": "TEXT", "mysql": "mediumtext"},
    "integer": {"sqlite": "BIGINT", "mysql": "bigint"},
    "float": {"sqlite": "DOUBLE", "mysql": "double"},
    "price": {"sqlite": "DECIMAL_TEXT(20,8)", "mysql": "decimal(20,8)"},
    "amount": {"sqlite": "DECIMAL_TEXT(30,8)", "mysql": "decimal(30,8)"},
    "time": {"sqlite": "TIME_TEXT", "mysql": "datetime(6)"},
    "date": {"sqlite": "DATE_TEXT", "mysql": "date"},
    "boolean": {"sqlite": "BOOLEAN", "mysql": "tinyint(1)"},
    "json": {"sqlite": "JSON_TEXT", "mysql": "longtext"},
}
WHOLE_DIGITS = {"price": 12, "amount": 22}


def read_length(kind: str) -> int | None:
    """Read how many characters a text(32) holds; None for what has no such limit."""
    short = SHORT_TEXT.fullmatch(kind)
    return int(short[1]) if short else None


def sql_type(kind: str, dialect: str) -> str:
    """Name the type of a column as the database itself reports it."""
    length = read_length(kind)
    return TYPES[kind][dialect] if length is None else f"varchar({length})"
