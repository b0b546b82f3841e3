"""Invented candles: a walk of prices without gaps, as raw rows and as the stand-in's book."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from crypto_forecast.exchange.server.candle_book import Candle, CandleBook

START = datetime(2020, 1, 1, tzinfo=UTC)


def invent_candles(count: int, *, unit: int = 240, start: datetime = START) -> pd.DataFrame:
    """Invent raw rows of so many slots, with prices and volumes of the size and precision that the exchange sends."""
    draws = np.random.default_rng(7)
    close = 1e8 * np.exp(np.cumsum(draws.normal(0, 1e-3, count)))
    opening = np.append(close[:1], close[:-1])
    high = np.maximum(opening, close) * np.exp(draws.exponential(5e-3, count))
    low = np.minimum(opening, close) * np.exp(-draws.exponential(5e-3, count))
    volume = np.round(draws.lognormal(4, 1, count), 8)
    slots = pd.Timestamp(start).as_unit("us") + pd.to_timedelta(np.arange(count) * unit, unit="min").as_unit("us")
    prices = {"opening_price": opening, "high_price": high, "low_price": low, "trade_price": close}
    columns: dict[str, Any] = {"market": "KRW-BTC", "unit": unit, "slot": slots}
    columns |= {name: np.round(values, -3) for name, values in prices.items()}
    columns |= {"volume": volume, "value": np.round(volume * (high + low + close) / 3, 5)}
    columns |= {"last_tick": (slots.asi8 // 1000) + unit * 60_000 - 1, "fetched_at": slots + pd.Timedelta(minutes=unit)}
    return pd.DataFrame(columns)


def bind_book(candles: pd.DataFrame) -> CandleBook:
    """Make the book from which a stand-in serves them."""
    first = candles.iloc[0]
    names = ["slot", "opening_price", "high_price", "low_price", "trade_price", "volume"]
    rows = [Candle(slot.to_pydatetime(), *numbers) for slot, *numbers in candles[names].itertuples(index=False)]
    return CandleBook(str(first["market"]), int(first["unit"]), rows)


def end_of(candles: pd.DataFrame) -> datetime:
    """Find where the last candle closes."""
    last: datetime = candles["slot"].iloc[-1].to_pydatetime()
    return last + timedelta(minutes=int(candles["unit"].iloc[-1]))
