"""How each kind of column is stored: the same plain values on SQLite and MySQL, so that rows compare as stored.

Times are `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, prices and amounts text with exactly eight places, booleans 0 or 1, JSON
in one canonical form; NaN, NaT and None are NULL.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd

from db_handler.errors import DatabaseError

SHORT_TEXT = re.compile(r"text\((\d{1,4})\)")
# Words whose first letters give SQLite's text affinity, yet tell the kinds apart when a table is looked at again.
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
PLACES = Decimal("1e-8")
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def sql_type(kind: str, dialect: str) -> str:
    """The type of a column as the database itself reports it."""
    short = SHORT_TEXT.fullmatch(kind)
    if short:
        return f"varchar({short[1]})" if dialect == "mysql" else f"VARCHAR({short[1]})"
    return (MYSQL_TYPES if dialect == "mysql" else SQLITE_TYPES)[kind]


def to_utc(value: Any) -> datetime:
    """An aware moment in UTC from a datetime, a Timestamp or ISO text; one without a zone is refused."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, pd.Timestamp):
        moment = moment.to_pydatetime(warn=False)
    if not isinstance(moment, datetime):
        raise DatabaseError(f"{value!r} is no moment; write it as 2026-11-20T00:00Z.")
    if moment.tzinfo is None:
        raise DatabaseError(f"The moment {moment} has no time zone; give it as UTC.")
    return moment.astimezone(UTC)


def encode_column(kind: str, values: "pd.Series[Any]", place: str) -> list[Any]:
    """The stored form of a column; `place` is its table.column, for the sentence that refuses a value."""
    encode = _encode_text if kind.startswith("text") else ENCODERS[kind]
    try:
        return encode(kind, values)
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise DatabaseError(f"{place} is {kind} and can't hold what it was given: {error}.") from None


def encode_value(kind: str, value: Any, place: str) -> Any:
    """The stored form of one plain value."""
    return encode_column(kind, pd.Series([value], dtype=object), place)[0]


def decode_column(kind: str, values: Sequence[Any], *, exact: bool = False) -> Any:
    """What a frame holds: text, Int64, float64, datetime64[us, UTC], boolean, objects; `exact` keeps Decimals."""
    if kind == "json":
        return np.fromiter((None if v is None else json.loads(v) for v in values), dtype=object, count=len(values))
    if exact and kind in WHOLE_DIGITS:
        return np.fromiter((None if v is None else Decimal(v) for v in values), dtype=object, count=len(values))
    return (_decode_text if kind.startswith("text") else DECODERS[kind])(values)


def decode_value(kind: str, value: Any) -> Any:
    """One plain Python value: str, int, float, Decimal, aware datetime, date, bool, or what the JSON says."""
    return value if value is None or kind.startswith("text") else PLAIN[kind](value)


def is_null(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _each(values: "pd.Series[Any]", encode: Callable[[Any], Any]) -> list[Any]:
    return [None if is_null(value) else encode(value) for value in values.tolist()]


def _encode_text(kind: str, values: "pd.Series[Any]") -> list[Any]:
    encoded = values.tolist()
    for value in {value for value in encoded if isinstance(value, str)}:
        _check_text(kind, value)
    return [value if isinstance(value, str) else _null_or_refuse(value) for value in encoded]


def _check_text(kind: str, value: str) -> None:
    short = SHORT_TEXT.fullmatch(kind)
    if short and len(value) > int(short[1]):
        raise ValueError(f"{len(value)} characters ({value[:20]!r}...)")
    if "\0" in value or not value.isascii():
        # Half a surrogate pair is no text, and a zero byte ends a text early on one of the two databases.
        value.replace("\0", "\ud800").encode()


def _null_or_refuse(value: Any) -> Any:
    if is_null(value):
        return None
    raise ValueError(f"{value!r} of type {type(value).__name__}")


def _encode_integer(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    if values.dtype.kind in "iu":
        return [int(v) for v in values.tolist()] if values.dtype.kind == "u" else values.tolist()
    return _each(values, _whole)


def _whole(value: Any) -> int:
    whole = int(value)
    if isinstance(value, str) or whole != value or not -(2**63) <= whole < 2**63:
        raise ValueError(repr(value))
    return whole


def _encode_float(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    if values.dtype == object and any(isinstance(value, str) for value in values):
        raise ValueError("text")
    numbers = pd.to_numeric(values).to_numpy(dtype="float64", na_value=np.nan)
    if np.isinf(numbers).any():
        raise ValueError("an infinite number")
    return _with_nulls(numbers.tolist(), np.isnan(numbers))


def _encode_decimal(kind: str, values: "pd.Series[Any]") -> list[Any]:
    if values.dtype.kind not in "fiu" or not isinstance(values.dtype, np.dtype):
        return _each(values, lambda value: _decimal_text(kind, value))
    numbers = values.to_numpy(dtype="float64")
    if values.dtype.kind in "iu" and len(numbers) and np.abs(numbers).max() >= 2**53:
        return _each(values, lambda value: _decimal_text(kind, value))
    return _encode_floats_as_decimals(kind, numbers)


def _encode_floats_as_decimals(kind: str, numbers: Any) -> list[Any]:
    size, empty = np.abs(numbers), np.isnan(numbers)
    # Up to fifteen digits a fixed form gives back what the float was written with; longer ones go one by one.
    long = (size >= 1e7) & (numbers != np.trunc(numbers)) | (size >= min(10 ** WHOLE_DIGITS[kind], 2**53))
    short = np.where(empty | long | (size < 5e-9), 0.0, numbers)
    encoded: list[Any] = (("%.8f\n" * len(short)) % tuple(short.tolist())).split("\n")[:-1]
    for index in np.flatnonzero(long):
        encoded[index] = _decimal_text(kind, float(numbers[index]))
    return _with_nulls(encoded, empty)


def _decimal_text(kind: str, value: Any) -> str:
    number = Decimal(repr(value) if isinstance(value, float) else str(value)).quantize(PLACES, context=EXACT)
    if not number.is_finite() or number.adjusted() >= WHOLE_DIGITS[kind]:
        raise ValueError(f"{value} with more than {WHOLE_DIGITS[kind]} digits before the point")
    return format(abs(number) if number.is_zero() else number, "f")


def _encode_time(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    if not isinstance(values.dtype, pd.DatetimeTZDtype):
        return _each(values, lambda value: to_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds"))
    moments = values.to_numpy(dtype="datetime64[us]")
    letters = np.datetime_as_string(moments, unit="us")
    if len(letters):
        letters.view("U1").reshape(len(letters), -1)[:, 10] = " "
    return _with_nulls(letters.tolist(), np.isnat(moments))


def _encode_date(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    return _each(values, _date_text)


def _date_text(value: Any) -> str:
    if isinstance(value, str):
        return date.fromisoformat(value).isoformat()
    if isinstance(value, datetime):
        if value.tzinfo is not None or value.replace(hour=0, minute=0, second=0, microsecond=0) != value:
            raise ValueError(f"{value}, which is a moment")
        value = value.date()
    if not isinstance(value, date):
        raise ValueError(repr(value))
    return value.isoformat()


def _encode_boolean(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    return _each(values, _truth)


def _truth(value: Any) -> int:
    if value not in (0, 1) or isinstance(value, str):
        raise ValueError(repr(value))
    return int(value)


def _encode_json(_kind: str, values: "pd.Series[Any]") -> list[Any]:
    return [None if value is None or is_null(value) else dump_json(value) for value in values.tolist()]


def dump_json(value: Any) -> str:
    """One canonical text for equal values; NaN and infinity become null, moments ISO text."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date)):
        return None if value is pd.NaT else value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _with_nulls(encoded: list[Any], empty: Any) -> list[Any]:
    for index in np.flatnonzero(empty):
        encoded[index] = None
    return encoded


def _decode_text(values: Sequence[Any]) -> Any:
    return pd.array(list(values), dtype="str")


def _decode_integer(values: Sequence[Any]) -> Any:
    return pd.array(list(values), dtype="Int64") if None in values else np.array(values, dtype="int64")


def _decode_float(values: Sequence[Any]) -> Any:
    return np.array([np.nan if v is None else v for v in values] if None in values else values, dtype="float64")


def _decode_time(values: Sequence[Any]) -> Any:
    return pd.DatetimeIndex(_decode_moments(values)).tz_localize("UTC")


def _decode_moments(values: Sequence[Any]) -> Any:
    # numpy reads None in a list as NaT.
    return np.array(values, dtype="datetime64[us]")


def _decode_boolean(values: Sequence[Any]) -> Any:
    return pd.array([None if v is None else bool(v) for v in values], dtype="boolean")


ENCODERS: dict[str, Callable[[str, "pd.Series[Any]"], list[Any]]] = {
    "integer": _encode_integer,
    "float": _encode_float,
    "price": _encode_decimal,
    "amount": _encode_decimal,
    "time": _encode_time,
    "date": _encode_date,
    "boolean": _encode_boolean,
    "json": _encode_json,
}
DECODERS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "integer": _decode_integer,
    "float": _decode_float,
    "price": _decode_float,
    "amount": _decode_float,
    "time": _decode_time,
    "date": _decode_moments,
    "boolean": _decode_boolean,
}
PLAIN: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "float": float,
    "price": Decimal,
    "amount": Decimal,
    "time": lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC),
    "date": date.fromisoformat,
    "boolean": bool,
    "json": json.loads,
}
