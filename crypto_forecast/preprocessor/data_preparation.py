"""Sifts the raw rows of the exchange: plausible candles, and refused rows with their reasons."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from service.spec import Spec

PRICES = ("opening_price", "high_price", "low_price", "trade_price")
AMOUNTS = {"volume": "candle_acc_trade_volume", "value": "candle_acc_trade_price"}
COLUMNS = ("market", "unit", "slot", *PRICES, *AMOUNTS, "last_tick", "fetched_at")
# What DECIMAL(20, 8) and DECIMAL(30, 8) hold.
PLACES = Decimal("1e-8")
LARGEST_PRICE, LARGEST_AMOUNT = Decimal("1e12"), Decimal("1e22")
# Above this share of a page's rows, and more than a few, the exchange itself is not well.
BAD_SHARE, BAD_ROWS = 0.2, 5

Row = dict[str, Any]


def sift_page(spec: Spec, end: datetime, rows: list[Row], date: datetime) -> dict[str, Any]:
    """Part the rows of an answer into `candles` of a config and `refused` ones with their reasons.

    Candles are closed by the server's `date` and lie in [start, end); the newer version of a doubled one wins.
    `oldest` is the first place that the answer reaches, `placed` whether the place of every row is known, `dirt` a
    count of what was left out or mended.
    """
    market, unit = spec.data.market, spec.data.unit
    start = floor_slot(spec.data.start, unit)
    by_slot: dict[datetime, Row] = {}
    refused: list[Row] = []
    dirt = {"open": 0, "early": 0, "late": 0, "doubled": 0}
    slots = []
    for row in rows:
        slot, reason = read_slot(row, market, unit, date)
        slots.append(slot)
        if slot and (out := _find_place(slot, unit, start, end, date)):
            dirt[out] += 1
            continue
        candle = read_candle(row, slot) if slot else {}
        reason = reason or find_flaw(candle, date, unit)
        if slot and not reason:
            reason = add_candle(by_slot, slot, candle, dirt)
        if reason:
            refused.append(refuse_row(row, slot, reason))
    same = {"market": market, "unit": unit, "fetched_at": date}
    candles = [{**same, **by_slot[slot]} for slot in sorted(by_slot) if by_slot[slot]]
    return {
        "candles": pd.DataFrame(candles, columns=list(COLUMNS)),
        "refused": refused,
        "oldest": min(filter(None, slots), default=None),
        "placed": None not in slots and not dirt["late"],
        "dirt": dirt,
    }


def find_holes(slots: Iterable[datetime], since: datetime, until: datetime, unit: int) -> list[datetime]:
    """Name the places of the grid in [since, until) that no candle has."""
    filled, step = set(slots), timedelta(minutes=unit)
    return [slot for place in range((until - since) // step) if (slot := since + place * step) not in filled]


def is_too_dirty(refused: int, rows: int) -> bool:
    """Say whether so many refused rows of a page mean that none of it should be trusted."""
    return refused >= BAD_ROWS and refused > BAD_SHARE * rows


def read_slot(row: Row, market: str, unit: int, date: datetime) -> tuple[datetime | None, str | None]:
    """Read the start of a row's candle, or the reason why it has none."""
    if row.get("market") != market or row.get("unit", unit) != unit:
        return None, f"it is of market {cut(row.get('market'))}, unit {cut(row.get('unit'))}"
    text = row.get("candle_date_time_utc")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        slot = moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        slot = None
    if slot is None:
        return None, f"its time {cut(text)} is no time"
    if slot > date:
        return None, f"its time {cut(text)} is in the future"
    if slot != floor_slot(slot, unit):
        return None, f"its time {cut(text)} is off the grid of {unit} minutes"
    return slot, None


def read_candle(row: Row, slot: datetime) -> Row:
    """Read the values of a row under the names of our columns."""
    names = {**{name: name for name in PRICES}, **AMOUNTS, "last_tick": "timestamp"}
    return {"slot": slot, **{ours: _read_number(row.get(theirs)) for ours, theirs in names.items()}}


def find_flaw(candle: Row, date: datetime, unit: int) -> str | None:
    """Find the first reason why a candle is impossible; an extreme one is possible."""
    for name in (*PRICES, *AMOUNTS, "last_tick"):
        if reason := _find_bad_number(name, candle[name]):
            return reason
    prices = {name: candle[name] for name in PRICES}
    if candle["high_price"] < max(prices.values()):
        return f"high_price {candle['high_price']} is below another of its prices"
    if candle["low_price"] > min(prices.values()):
        return f"low_price {candle['low_price']} is above another of its prices"
    return _find_bad_tick(candle, date, unit)


def add_candle(by_slot: dict[datetime, Row], slot: datetime, candle: Row, dirt: dict[str, int]) -> str | None:
    """Keep the newest version of a candle; of two that differ and are equally new none can be believed."""
    tidy = {name: value.quantize(PLACES) if isinstance(value, Decimal) else value for name, value in candle.items()}
    tidy["last_tick"] = int(candle["last_tick"])
    older = by_slot.setdefault(slot, tidy)
    if older is tidy:
        return None
    dirt["doubled"] += 1
    if older and older != tidy and older["last_tick"] == tidy["last_tick"]:
        older.clear()
    if not older:
        return "the same candle came twice with different values"
    if older["last_tick"] < tidy["last_tick"]:
        by_slot[slot] = tidy
    return None


def refuse_row(row: Row, slot: datetime | None, reason: str) -> Row:
    """Describe a refused row for the quarantine: its key, its reason, and the row as text."""
    key = slot.isoformat() if slot else cut(row.get("candle_date_time_utc"))
    return {"row_key": key, "slot": slot, "reason": reason, "row": {cut(k): cut(v) for k, v in list(row.items())[:20]}}


def _find_place(slot: datetime, unit: int, start: datetime, end: datetime, date: datetime) -> str | None:
    """Name the place of a candle outside of the wanted range, if it lies there; an open candle always does."""
    if slot + timedelta(minutes=unit) > date:
        return "open"
    return "early" if slot < start else "late" if slot >= end else None


def floor_slot(moment: datetime, unit: int) -> datetime:
    """Find the start of the candle that a moment lies in."""
    step = timedelta(minutes=unit)
    return moment - (moment - datetime(1970, 1, 1, tzinfo=UTC)) % step


def cut(value: Any) -> str:
    """Write a value of unknown kind and length as a short text."""
    return str(value)[:100] if isinstance(value, (str, int, float, Decimal, bool, type(None))) else type(value).__name__


def _read_number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _find_bad_number(name: str, value: Any) -> str | None:
    if not isinstance(value, Decimal):
        return f"{name} is missing" if value is None else f"{name} {cut(value)!r} is no number"
    if not value.is_finite():
        return f"{name} is not finite"
    if value < 0 or (value == 0 and name not in AMOUNTS):
        return f"{name} {cut(value)} is not above zero"
    if value >= (LARGEST_AMOUNT if name in AMOUNTS else LARGEST_PRICE) * (1000 if name == "last_tick" else 1):
        return f"{name} {value:.3e} is more than can be"
    # Rounded to nothing by the table it would be a price of zero.
    return f"{name} {value:.3e} is less than can be" if name in PRICES and value < PLACES else None


def _find_bad_tick(candle: Row, date: datetime, unit: int) -> str | None:
    """Refuse a last trade before the candle's start, or later than the server's time and a tolerance for clocks."""
    tick = candle["last_tick"]
    first, last = candle["slot"].timestamp(), (date + timedelta(minutes=unit)).timestamp()
    if tick != int(tick) or not first * 1000 <= tick <= last * 1000:
        return f"timestamp {cut(tick)} is not a time within or after the candle"
    return None
