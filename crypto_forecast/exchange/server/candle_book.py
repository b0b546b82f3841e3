"""The candles that the stand-in serves: real ones from files, the open one growing with its clock."""

import csv
import gzip
import math
import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from db_handler.errors import UsageError

SAMPLES = Path(__file__).parents[1] / "candles"
KST = timezone(timedelta(hours=9))
FILE_NAME = re.compile(r"(?P<market>[A-Z0-9]+-[A-Z0-9]+)_(?P<unit>\d+)m\.csv(\.gz)?")


@dataclass(frozen=True)
class Candle:
    """One candle of a file; `slot` is its start, UTC."""

    slot: datetime
    opening: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True)
class CandleBook:
    """All candles of one market and unit, oldest first."""

    market: str
    unit: int
    candles: list[Candle]

    @cached_property
    def slots(self) -> list[datetime]:
        return [candle.slot for candle in self.candles]

    def newest(self, to: datetime, count: int, now: datetime) -> list[dict[str, Any]]:
        """Answer like the exchange: at most `count` rows that start before `to` (exclusive) and before now."""
        end = bisect_left(self.slots, min(to, now))
        chosen = range(end - 1, max(end - count, 0) - 1, -1)
        return [self._row(self.candles[place], now) for place in chosen]

    def _row(self, candle: Candle, now: datetime) -> dict[str, Any]:
        end = candle.slot + timedelta(minutes=self.unit)
        if end > now:
            candle, end = _grow(candle, self.unit, now), now
        return dict(_write_row(self.market, self.unit, candle, end))


Books = dict[tuple[str, int], CandleBook]  # by market and unit


def read_books(folder: Path = SAMPLES) -> Books:
    """Read every `KRW-BTC_240m.csv.gz` of a folder: `datetime` is the start in KST without an offset."""
    books = {}
    for path in sorted(folder.glob("*_*m.csv*")) if folder.is_dir() else []:
        if named := FILE_NAME.fullmatch(path.name):
            key = named["market"], int(named["unit"])
            books[key] = CandleBook(*key, _read_file(path))
    if not books:
        raise UsageError(f"{folder} holds no candles; it needs files such as KRW-BTC_240m.csv.gz.")
    return books


def find_end(books: Books) -> datetime:
    """Find the end of the candles."""
    return max(book.slots[-1] + timedelta(minutes=book.unit) for book in books.values())


def widen_books(books: Books, day: datetime, factor: float) -> Books:
    """Change the world: from `day` on every candle's log range is `factor` times as wide."""
    changed = {}
    for key, book in books.items():
        candles = [_widen(candle, factor) if candle.slot >= day else candle for candle in book.candles]
        changed[key] = CandleBook(*key, candles)
    return changed


def in_utc(moment: datetime) -> datetime:
    """Give a moment in UTC; without an offset it means UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _read_file(path: Path) -> list[Candle]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            candles = [_read_line(line) for line in csv.DictReader(lines)]
    except (OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise UsageError(
            f"{path} can't be read as candles ({error}); its columns are datetime, open, high, low, close, volume."
        ) from None
    return sorted(candles, key=lambda candle: candle.slot)


def _read_line(line: dict[str, str]) -> Candle:
    slot = datetime.fromisoformat(line["datetime"]).replace(tzinfo=KST).astimezone(UTC)
    return Candle(slot, *(float(line[name]) for name in ("open", "high", "low", "close", "volume")))


def _widen(candle: Candle, factor: float) -> Candle:
    middle = (math.log(candle.high) + math.log(candle.low)) / 2
    high, low = (math.exp(middle + factor * (math.log(price) - middle)) for price in (candle.high, candle.low))
    # Rounding must not push them inside open and close.
    high = max(round(high, 8), candle.opening, candle.close)
    return replace(candle, high=high, low=min(round(low, 8), candle.opening, candle.close))


def _grow(candle: Candle, unit: int, now: datetime) -> Candle:
    """The part of an open candle that has happened by now, the same at every asking."""
    share = (now - candle.slot) / timedelta(minutes=unit)
    prices = (candle.high, candle.low, candle.close)
    high, low, close = (round(candle.opening + share * (price - candle.opening), 8) for price in prices)
    return replace(candle, high=high, low=low, close=close, volume=round(candle.volume * share, 8))


@lru_cache(maxsize=100_000)
def _write_row(market: str, unit: int, candle: Candle, end: datetime) -> dict[str, Any]:
    """`timestamp` and `candle_acc_trade_price` are synthetic: the files don't have them."""
    value = candle.volume * (candle.high + candle.low + candle.close) / 3
    return {
        "market": market,
        "candle_date_time_utc": f"{candle.slot:%Y-%m-%dT%H:%M:%S}",
        "candle_date_time_kst": f"{candle.slot.astimezone(KST):%Y-%m-%dT%H:%M:%S}",
        "opening_price": candle.opening,
        "high_price": candle.high,
        "low_price": candle.low,
        "trade_price": candle.close,
        "timestamp": round(end.timestamp() * 1000) - 1,
        "candle_acc_trade_price": round(value, 8),
        "candle_acc_trade_volume": candle.volume,
        "unit": unit,
    }
