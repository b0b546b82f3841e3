"""How one value is stored: the same plain form on SQLite and MySQL, so that rows compare as stored.

Times are `YYYY-MM-DD HH:MM:SS.ffffff` in UTC, prices and amounts text with exactly eight places, booleans 0 or 1, JSON
in one canonical form; NaN, NaT and None are NULL.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd

from db_handler.errors import DatabaseError
from db_handler.tables.column_types import WHOLE_DIGITS, read_length

PLACES = Decimal("1e-8")
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def encode_value(kind: str, value: Any, place: str) -> Any:
    """Encode a value as it is stored; `place` is its table.column, for the sentence that refuses it."""
    with refusing(kind, place):
        return encode_plain(kind, value)


def decode_value(kind: str, value: Any) -> Any:
    """Decode to str, int, float, Decimal, aware datetime, date, bool, or what the JSON says."""
    return value if value is None or kind.startswith("text") else DECODERS[kind](value)


def encode_plain(kind: str, value: Any) -> Any:
    """Encode a value that may be empty."""
    return None if is_null(value) else ENCODERS["text" if kind.startswith("text") else kind](kind, value)


@contextmanager
def refusing(kind: str, place: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise DatabaseError(f"{place} is {kind} and can't hold what it was given: {error}.") from None


def is_null(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def to_utc(value: Any) -> datetime:
    """Read an aware moment in UTC from a datetime, a Timestamp or ISO text; one without a zone is refused."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, pd.Timestamp):
        moment = moment.to_pydatetime(warn=False)
    if not isinstance(moment, datetime):
        raise TypeError(f"{value!r} is no moment, write it as 2026-11-20T00:00Z")
    if moment.tzinfo is None:
        raise ValueError(f"the moment {moment} has no time zone, give it as UTC")
    return moment.astimezone(UTC)


def dump_json(value: Any) -> str:
    """Write one canonical text for equal values; NaN and infinity become null, moments ISO text."""
    plain = to_plain(value, _write_exact)
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_plain(value: Any, write_other: Callable[[Any], Any] = str) -> Any:
    """Turn numpy's and pandas' values into what JSON knows; what is not a number becomes null."""
    if isinstance(value, Mapping):
        return {str(key): to_plain(inner, write_other) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [to_plain(inner, write_other) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()  # half a surrogate pair is no text
    if value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, int | float | bool | None) else write_other(value)


def _write_exact(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def encode_text(kind: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} of type {type(value).__name__}")
    length = read_length(kind)
    if length is not None and len(value) > length:
        raise ValueError(f"{len(value)} characters ({value[:20]!r}...)")
    value.encode()  # half a surrogate pair is no text
    return str(value)


def encode_decimal(kind: str, value: Any) -> str:
    number = Decimal(repr(value) if type(value) is float else str(value)).quantize(PLACES, context=EXACT)
    if not number.is_finite() or number.adjusted() >= WHOLE_DIGITS[kind]:
        raise ValueError(f"{value} with more than {WHOLE_DIGITS[kind]} digits before the point")
    return format(abs(number) if number.is_zero() else number, "f")


def encode_time(_kind: str, value: Any) -> str:
    return to_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _encode_integer(_kind: str, value: Any) -> int:
    whole = int(value)
    if isinstance(value, str) or whole != value or not -(2**63) <= whole < 2**63:
        raise ValueError(repr(value))
    return whole


def _encode_float(_kind: str, value: Any) -> float:
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueError(repr(value))
    return float(value)


def _encode_date(_kind: str, value: Any) -> str:
    if isinstance(value, str):
        value = date.fromisoformat(value)
    elif isinstance(value, datetime):
        if value.tzinfo is not None or value != datetime.combine(value.date(), datetime.min.time()):
            raise ValueError(f"{value}, which is a moment")
        value = value.date()
    if not isinstance(value, date):
        raise TypeError(repr(value))
    return value.isoformat()


def _encode_boolean(_kind: str, value: Any) -> int:
    if value not in (0, 1):
        raise ValueError(repr(value))
    return int(value)


ENCODERS: dict[str, Callable[[str, Any], Any]] = {
    "text": encode_text,
    "integer": _encode_integer,
    "float": _encode_float,
    "price": encode_decimal,
    "amount": encode_decimal,
    "time": encode_time,
    "date": _encode_date,
    "boolean": _encode_boolean,
    "json": lambda _kind, value: dump_json(value),
}
DECODERS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "float": float,
    "price": Decimal,
    "amount": Decimal,
    "time": lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC),
    "date": date.fromisoformat,
    "boolean": bool,
    "json": json.loads,
}
