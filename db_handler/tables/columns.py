"""Whole columns in their stored form and back, at the speed of numpy where the frame has numpy's types."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from db_handler.tables.column_types import WHOLE_DIGITS
from db_handler.tables.values import encode_decimal, encode_plain, encode_text, is_null, refusing

Encoder = Callable[[str, "pd.Series[Any]"], list[Any]]


def encode_column(kind: str, values: "pd.Series[Any]", place: str) -> list[Any]:
    """Encode a column as it is stored; `place` is its table.column, for the sentence that refuses a value."""
    with refusing(kind, place):
        if kind.startswith("text"):
            return _encode_texts(kind, values)
        encode = ENCODERS.get((kind, values.dtype.kind)) if isinstance(values.dtype, FAST) else None
        return encode(kind, values) if encode else [encode_plain(kind, value) for value in values.tolist()]


def decode_column(kind: str, values: Sequence[Any]) -> Any:
    """Decode to text, Int64, float64, datetime64[us, UTC], boolean or objects."""
    if kind == "json":
        return np.fromiter((None if v is None else json.loads(v) for v in values), dtype=object, count=len(values))
    return DECODERS["text" if kind.startswith("text") else kind](values)


def as_stored(table: str, kinds: Mapping[str, str], rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows the columns and the types that they have when they are read from their table."""
    values = {name: rows[name] if name in rows else pd.Series([None] * len(rows)) for name in kinds}
    return pd.DataFrame(
        {k: decode_column(kind, encode_column(kind, values[k], f"{table}.{k}")) for k, kind in kinds.items()}
    )


def turn_rows(names: Iterable[str], rows: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Turn rows into columns with their names, also where there are no rows."""
    names = tuple(names)
    return zip(names, zip(*rows, strict=True) if rows else ((),) * len(names), strict=True)


def _encode_texts(kind: str, values: "pd.Series[Any]") -> list[Any]:
    encoded = values.tolist()
    # The same few texts mostly fill a column, so each is looked at once.
    forms = {v: encode_text(kind, v) for v in set(encoded) if not is_null(v)}
    return [forms.get(v) for v in encoded]


def _encode_floats(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    numbers = values.to_numpy(dtype="float64")
    if np.isinf(numbers).any():
        raise ValueError("an infinite number")
    return _with_nulls(numbers.tolist(), np.isnan(numbers))


def _encode_decimals(kind: str, values: "pd.Series[Any]") -> list[Any]:
    numbers = values.to_numpy(dtype="float64")
    size, empty = np.abs(numbers), np.isnan(numbers)
    # Up to fifteen digits a fixed form gives back what the float was written with; longer ones go one by one.
    long = (size >= 1e7) & (numbers != np.trunc(numbers)) | (size >= min(10 ** WHOLE_DIGITS[kind], 2**53))
    short = np.where(empty | long | (size < 5e-9), 0.0, numbers)
    encoded: list[Any] = (("%.8f\n" * len(short)) % tuple(short.tolist())).split("\n")[:-1]
    for index, number in zip(np.flatnonzero(long).tolist(), numbers[long].tolist(), strict=True):
        encoded[index] = _encode_long(kind, number)
    return _with_nulls(encoded, empty)


def _encode_long(kind: str, number: float) -> str:
    text = repr(number)
    whole, _, places = text.partition(".")
    if not math.isfinite(number) or "e" in text or len(places) > 8 or len(whole) > WHOLE_DIGITS[kind]:
        return encode_decimal(kind, number)
    return f"{whole}.{places:0<8}"


def _encode_times(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    moments = values.to_numpy(dtype="datetime64[us]")
    if not isinstance(values.dtype, pd.DatetimeTZDtype) and not np.isnat(moments).all():
        raise ValueError("moments that have no time zone, give them as UTC")
    letters = np.datetime_as_string(moments, unit="us")
    if len(letters):
        letters.view("U1").reshape(len(letters), -1)[:, 10] = " "
    return _with_nulls(letters.tolist(), np.isnat(moments))


def _with_nulls(encoded: list[Any], empty: Any) -> list[Any]:
    for index in np.flatnonzero(empty):
        encoded[index] = None
    return encoded


def _decode_floats(values: Sequence[Any]) -> Any:
    return np.array([np.nan if v is None else v for v in values] if None in values else values, dtype="float64")


def _decode_dates(values: Sequence[Any]) -> Any:
    # numpy reads None in a list as NaT.
    return np.array(values, dtype="datetime64[us]")


# What has a quick way, by the letter of the frame's dtype; the rest goes value by value.
FAST = (np.dtype, pd.DatetimeTZDtype)
ENCODERS: dict[tuple[str, str], Encoder] = {
    ("integer", "i"): lambda _kind, values: values.tolist(),
    ("float", "f"): _encode_floats,
    **dict.fromkeys((("price", "f"), ("amount", "f")), _encode_decimals),
    ("time", "M"): _encode_times,
}
DECODERS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "text": lambda values: pd.array(list(values), dtype="str"),
    "integer": lambda values: pd.array(list(values), dtype="Int64") if None in values else np.array(values, "int64"),
    **dict.fromkeys(("float", "price", "amount"), _decode_floats),
    "time": lambda values: pd.DatetimeIndex(_decode_dates(values)).tz_localize("UTC"),
    "date": _decode_dates,
    "boolean": lambda values: pd.array([None if v is None else bool(v) for v in values], dtype="boolean"),
}
