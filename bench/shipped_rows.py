"""The model rows of the candles that ship with the project, of all markets that one model learns from."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from crypto_forecast.exchange.server.candle_book import CandleBook, read_books
from crypto_forecast.preprocessor.preprocess import build_features
from crypto_forecast.trainer.rules import INPUTS
from service.spec import Spec


def build_shipped_rows(spec: Spec) -> pd.DataFrame:
    """Build the rows whose target and rules are known, in the order in which a training reads them."""
    books = read_books()
    parts = [build_market(spec, books[market, spec.data.unit]) for market in spec.train.markets]
    rows = pd.concat(parts).dropna(subset=["target", *INPUTS])
    return rows.sort_values(["target_slot", "market"], ignore_index=True)


def build_market(spec: Spec, book: CandleBook) -> pd.DataFrame:
    spec = replace(spec, data=spec.data.model_copy(update={"market": book.market}))
    candles = pd.DataFrame(book.candles).assign(market=book.market, unit=book.unit)
    candles = candles.rename(columns={"high": "high_price", "low": "low_price", "close": "trade_price"})
    candles["slot"] = candles["slot"].dt.as_unit("us")
    until = book.slots[-1] + timedelta(minutes=book.unit)
    return build_features(spec, candles, begin=book.slots[0], until=until)
