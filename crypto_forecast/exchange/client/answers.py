"""The exchange's answers read: bodies, which are never trusted, and three headers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from crypto_forecast.exchange.client.errors import FlawError

# So few rows may all be wrong one by one; more of them mean that the answer as a whole is.
FEW_ROWS = 5
SECONDS = {"s": 1, "초": 1, "m": 60, "분": 60, "h": 3600}
SPAN = re.compile(r"(\d{1,7}(?:\.\d+)?)[ -]*(s|m(?!s\b)|h|초|분)", re.IGNORECASE)
FIELD = re.compile(r'"\w*(?:after|seconds|wait|remain|block)\w*"\s*:\s*"?(\d{1,7})\b', re.IGNORECASE)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True)
class Answer:
    """Rows as they came, the server's time, and whether they are all rows from the oldest of them to the end."""

    rows: list[dict[str, Any]]
    date: datetime
    complete: bool = False


def read_rows_of(body: bytes) -> list[dict[str, Any]]:
    """Read the list of objects that an answer should be; numbers become Decimals, NaN and Infinity too."""
    if not body.strip():
        raise FlawError("sent an empty body")
    try:
        rows = json.loads(body, parse_float=Decimal, parse_int=_read_int, parse_constant=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise FlawError(f"sent no JSON but {_quote(body)}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FlawError(f"sent no list of rows but {_quote(body)}")
    return rows


def check_rows(rows: list[dict[str, Any]], market: str, unit: int, to: datetime) -> None:
    """Refuse an answer that is to another question; single wrong rows are sifted out later."""
    if len(rows) < FEW_ROWS:
        return
    if not any(row.get("market") == market and row.get("unit", unit) == unit for row in rows):
        raise FlawError("answered with rows of another market or unit")
    end = f"{to:%Y-%m-%dT%H:%M:%S}"
    if not any(str(row.get("candle_date_time_utc")) < end for row in rows):
        raise FlawError(f"answered only with rows after {end}, the end that was asked for")


def read_left(headers: Mapping[str, str]) -> int | None:
    """Read how many requests the window has left; None where the header doesn't say."""
    left = re.search(r"\bsec=(\d{1,6})\b", headers.get("Remaining-Req") or "")
    return int(left[1]) if left else None


def read_date(headers: Mapping[str, str]) -> datetime | None:
    try:
        moment = parsedate_to_datetime(headers.get("Date") or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_message(body: bytes) -> str:
    """Read the message of an error body, or the body's first words."""
    try:
        return str(json.loads(body)["error"]["message"])[:120]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _quote(body)


def read_block_seconds(body: bytes, headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long a 418 lasts: until a moment, a span, a number with a telling name; None if it says nothing."""
    wait = headers.get("Retry-After") or ""
    if wait.isdecimal():
        return float(wait[:7])
    text = body[:2000].decode(errors="replace")
    if moment := MOMENT.search(text):
        return _count_seconds(moment[0], now)
    if span := SPAN.search(text):
        return float(span[1]) * SECONDS[span[2].lower()]
    seconds = FIELD.search(text)
    return float(seconds[1]) if seconds else None


def _count_seconds(text: str, now: datetime) -> float | None:
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds(), 0.0) or None


def _read_int(text: str) -> int | Decimal:
    return int(text) if len(text) <= 20 else Decimal(text)


def _quote(body: bytes) -> str:
    text = " ".join(body[:200].decode(errors="replace").split())
    return repr(text[:60]) if text else "an empty body"
