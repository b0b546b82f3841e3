"""Conditions of a statement: names by the table's own list, values as parameters in their stored form."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, FromClause, bindparam

from db_handler.errors import DatabaseError
from db_handler.tables.table import UNORDERED, Table, check_names
from db_handler.tables.values import encode_value, is_null

Record = dict[str, Any]
Where = Mapping[str, Any] | None
Bound = tuple[str, Any] | None
Comparison = tuple[str, str]
LISTS = (list, tuple, set, frozenset, np.ndarray, pd.Series, pd.Index)
SIGNS: dict[str, Callable[[ColumnElement[Any], str], ColumnElement[bool]]] = {
    "=": lambda column, value: column == bindparam(value),
    "in": lambda column, value: column.in_(bindparam(value, expanding=True)),
    "is null": lambda column, _: column.is_(None),
    ">=": lambda column, value: column >= bindparam(value),
    "<=": lambda column, value: column <= bindparam(value),
    "<": lambda column, value: column < bindparam(value),
}


class Conditions(NamedTuple):
    """What rows must meet: the columns with the signs of their comparisons, and the stored values to compare with."""

    comparisons: tuple[Comparison, ...]
    values: tuple[Any, ...]

    def parameters(self, prefix: str = "value") -> Record:
        """Name the values as `write_comparisons` does."""
        return {f"{prefix}{place}": value for place, value in enumerate(self.values)}


def write_comparisons(
    columns: FromClause, comparisons: tuple[Comparison, ...], prefix: str = "value"
) -> list[ColumnElement[bool]]:
    """Write the comparisons for SQLAlchemy, with a named parameter for each value."""
    return [SIGNS[sign](columns.c[name], f"{prefix}{place}") for place, (name, sign) in enumerate(comparisons)]


def encode_conditions(table: Table, where: Where = None, since: Bound = None, until: Bound = None) -> Conditions:
    """Encode conditions: equal or among a list, at or after `since`, before `until`."""
    parts = [(name, *_encode_equal(table, name, value)) for name, value in (where or {}).items()]
    for bound, sign in ((since, ">="), (until, "<")):
        if bound is not None:
            check_order(table, bound[0])
            parts.append((bound[0], sign, _encode(table, *bound)))
    return join_conditions(parts)


def join_conditions(parts: Sequence[tuple[str, str, Any]]) -> Conditions:
    """Join conditions, each a column, a sign and a stored value."""
    return Conditions(tuple((name, sign) for name, sign, _ in parts), tuple(value for *_, value in parts))


def check_order(table: Table, *names: str) -> None:
    """Refuse columns that the two databases put in different orders."""
    check_names(table, *names)
    for name in names:
        if table.columns[name] in UNORDERED:
            place = f"{table.name}.{name}"
            raise DatabaseError(f"{place} is exact text on SQLite and has no order there; order the frame instead.")


def _encode_equal(table: Table, name: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, LISTS):
        return "in", [_encode(table, name, one) for one in value]
    return ("is null", None) if is_null(value) else ("=", _encode(table, name, value))


def _encode(table: Table, name: str, value: Any) -> Any:
    check_names(table, name)
    return encode_value(table.columns[name], value, f"{table.name}.{name}")


def bound(moment: datetime | None) -> Bound:
    """Bound `at` by a moment, by nothing where there is none."""
    return None if moment is None else ("at", moment)


def given(**conditions: Any) -> Record:
    """Keep the conditions that have a value."""
    return {name: value for name, value in conditions.items() if value is not None}
