"""The candles that ship with the project, as raw rows and as model rows."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from crypto_forecast.exchange.server.candle_book import SAMPLES
from crypto_forecast.preprocessor.preprocess import build_features
from crypto_forecast.utils.utils import load_spec_from_config
from service.spec import Spec

MARKETS = ("KRW-BTC", "KRW-ETH", "KRW-ADA")
SLOT = timedelta(hours=4)


@lru_cache
def read_market(market: str) -> pd.DataFrame:
    """Read the raw rows of a market from 2023-11 on."""
    found = pd.read_csv(SAMPLES / f"{market}_240m.csv.gz")
    slots = pd.to_datetime(found["datetime"]).dt.tz_localize("Asia/Seoul").dt.tz_convert("UTC").dt.as_unit("us")
    prices = {"opening_price": "open", "high_price": "high", "low_price": "low", "trade_price": "close"}
    raw = found.rename(columns={theirs: ours for ours, theirs in prices.items()}).assign(
        market=market, unit=240, slot=slots, value=1.0, last_tick=1, fetched_at=slots
    )
    return raw[raw["slot"] >= "2023-11-01"].drop(columns="datetime").reset_index(drop=True)


def make_spec(**model: object) -> Spec:
    """Take a config, with a model that is fitted fast."""
    spec = load_spec_from_config("btc")
    quick = {"iterations": 60, "learning_rate": 0.12, "grid": (), **model}
    train = spec.train.model_copy(update={"evidence_days": 90, "refit_days": 15})
    return replace(spec, model=spec.model.model_copy(update=quick), train=train)


def build_market(spec: Spec, raw: pd.DataFrame, *, begin: datetime | None = None) -> pd.DataFrame:
    """Build the rows of one market from all of its candles."""
    until = raw["slot"].max() + SLOT
    return build_features(spec, raw, begin=begin or raw["slot"].min(), until=until)


@lru_cache
def read_all_rows() -> pd.DataFrame:
    """Build the labelled rows of all markets."""
    rows = pd.concat([build_market(make_spec(), read_market(market)) for market in MARKETS])
    return rows.dropna(subset=["target"]).sort_values(["target_slot", "market"], ignore_index=True)


def invent_candles(slots: list[int], *, start: str = "2025-01-01", seed: int = 1) -> pd.DataFrame:
    """Invent candles at these places of a grid."""
    draws = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(draws.normal(0, 0.01, len(slots))))
    wide = np.exp(draws.normal(-4, 0.5, len(slots)))
    times = pd.Timestamp(start, tz="UTC").as_unit("us") + pd.to_timedelta(np.array(slots) * 4, unit="h").as_unit("us")
    prices = {"opening_price": close, "trade_price": close, "low_price": close, "high_price": close * np.exp(wide)}
    volume = draws.uniform(1, 9, len(slots))
    return pd.DataFrame({"market": "KRW-BTC", "unit": 240, "slot": times, **prices, "volume": volume})
