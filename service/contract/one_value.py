"""Functions of one value, applied to the column of many rows or to the field of a single one: the same either way."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from db_handler.tables.values import is_null


class Field(NamedTuple):
    """The text of one column in a single row."""

    name: str
    text: Any


Column: TypeAlias = "pd.Series[Any] | Field"
Raw: TypeAlias = "pd.DataFrame | Mapping[str, Field]"  # raw rows by their columns, or a single one
Read: TypeAlias = tuple[Any, tuple[str, ...]]  # a value, and the kinds of dirt that its text held


def read_each(column: Column, counts: Counter[str], read: Callable[[Any], Read]) -> Any:
    """Read each text once, however often it stands in the column, and count its dirt under the column's name.

    `read` gets None for what is missing, however pandas or a caller writes that. A column of numbers has a float for
    each text, where `read` answers with floats alone.
    """
    if isinstance(column, Field):
        value, dirt = read(None if is_null(column.text) else column.text)
        for kind in dirt:
            counts[f"{column.name}: {kind}"] += 1
        return value
    codes, texts = pd.factorize(column)
    results = [read(text) for text in (*texts, None)]
    codes = codes % len(results)  # what is missing has the code -1: the last one
    for (_, dirt), rows in zip(results, np.bincount(codes, minlength=len(results)).tolist(), strict=True):
        for kind in dirt if rows else ():
            counts[f"{column.name}: {kind}"] += rows
    values = _lay_out([value for value, _ in results], pd.RangeIndex(len(results)))
    return values.iloc[codes].set_axis(column.index).rename(str(column.name))


def each(function: Callable[..., Any], *columns: Any) -> Any:
    """Answer with the function's value for each row, or for the single row whose fields or values are given.

    >>> each(lambda debt, income: debt / income, pd.Series([1.0, 3.0]), pd.Series([2.0, 4.0])).tolist()
    [0.5, 0.75]
    >>> each(lambda debt, income: debt / income, 1.0, 2.0)
    0.5
    """
    if not isinstance(columns[0], pd.Series):
        return function(*(column.text if isinstance(column, Field) else column for column in columns))
    values = [function(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return _lay_out(values, columns[0].index)


def count_dirt(counts: Counter[str], kind: str, dirty: Any) -> None:
    """Count the dirty rows of one kind, which is named by its column and the fault."""
    rows = int(dirty.sum()) if isinstance(dirty, pd.Series) else int(dirty)
    if rows:
        counts[kind] += rows


def _lay_out(values: list[Any], index: "pd.Index[Any]") -> "pd.Series[Any]":
    """Lay values out as floats, if they all are, else as they are."""
    held = np.empty(len(values), dtype=float if all(isinstance(value, float) for value in values) else object)
    held[:] = values
    return pd.Series(held, index=index, dtype=held.dtype)
