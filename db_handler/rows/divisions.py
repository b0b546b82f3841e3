"""Divisions in SQL: of two whole numbers SQLite drops the remainder, and MySQL keeps it."""

import re

# Texts, names in quotes and comments come first, so that a slash within them is none.
DIVISION = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`|--[^\n]*|/\*.*?\*/|(?P<slash>/)""", re.DOTALL)


def keep_remainders(statement: str) -> str:
    """Write a statement for SQLite so that it divides as MySQL does; what is no whole number stays what it was.

    >>> keep_remainders("SELECT a / b, 'c/d' -- e / f")
    "SELECT a * 1.0 / b, 'c/d' -- e / f"
    """
    return DIVISION.sub(lambda part: "* 1.0 /" if part["slash"] else part[0], statement)
