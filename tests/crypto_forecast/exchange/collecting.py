"""What the tests of collecting share: a small world, one run of the load step, and the table that it leaves."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from crypto_forecast.core.load import load
from crypto_forecast.exchange.server.candle_book import CandleBook, read_books
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from db_handler.clock import VirtualClock
from db_handler.connection.database import Database
from db_handler.open_database import open_database
from db_handler.rows.single_rows import list_rows
from db_handler.settings import HouseSettings
from service.spec import Spec
from service.spec.load_spec import load_spec
from tests.exact_rows import read_exact_rows

START = datetime(2023, 12, 1, tzinfo=UTC)
AT = datetime(2024, 1, 8, 0, 5, tzinfo=UTC)
HOLE = datetime(2023, 12, 3, 16, tzinfo=UTC)
CYCLE = timedelta(hours=4)
CONFIGS = ("btc", "eth", "ada")

Books = dict[tuple[str, int], CandleBook]


@lru_cache
def samples() -> Books:
    return read_books()


@lru_cache
def specs(start: datetime = START) -> dict[str, Spec]:
    loaded = {config: load_spec("crypto_forecast", config) for config in CONFIGS}
    return {name: replace(spec, data=spec.data.model_copy(update={"start": start})) for name, spec in loaded.items()}


@lru_cache
def migrated() -> Path:
    """An empty database with the platform's tables, made once."""
    home = Path(tempfile.mkdtemp())
    open_database(HouseSettings(home=home)).close()
    return home / "quartet.db"


class World:
    """A database, a virtual clock, and a stand-in that each collecting starts anew with its faults."""

    def __init__(self, home: Path, monkeypatch: Any, books: Books | None = None, at: datetime = AT) -> None:
        home.mkdir(exist_ok=True)
        shutil.copy(migrated(), home / "quartet.db")
        self.database: Database = open_database(HouseSettings(database_url=f"sqlite:///{home}/quartet.db"))
        self.clock, self.books, self.monkeypatch = VirtualClock(at), books or samples(), monkeypatch
        self.served: list[tuple[datetime, str, int]] = []
        self.port = 0

    def collect(
        self, config: str = "btc", faults: Mapping[str, int | None] | None = None, **options: Any
    ) -> dict[str, Any]:
        with Standin(self.books, self.clock, Behaviour(faults or {}), port=self.port) as exchange:
            self.port = int(exchange.url.split(":")[2].split("/")[0])
            self.served = exchange.served
            self.monkeypatch.setattr("crypto_forecast.exchange.world._find_standin", lambda _: exchange)
            given = {"specs": specs(), **options}
            platform = SimpleNamespace(clock=self.clock, specs=given["specs"])
            run = SimpleNamespace(database=self.database, platform=platform, at=given.get("at", self.clock.now()))
            return load(given["specs"][config], run)  # type: ignore[arg-type]

    def rows(self) -> pd.DataFrame:
        with self.database.begin(writing=False) as connection:
            found = read_exact_rows(connection, specs()["btc"].data.raw)
        return found.drop(columns="fetched_at").astype(str)

    def listed(self, table: Any, **where: Any) -> list[dict[str, Any]]:
        with self.database.begin(writing=False) as connection:
            return list_rows(connection, table, where=where)


def with_candle(books: Books, slot: datetime, market: str = "KRW-BTC", **values: float) -> Books:
    """The same books, but for one candle of one market; without values it is missing."""
    book = books[market, 240]
    candles = [
        replace(candle, **values) if candle.slot == slot else candle
        for candle in book.candles
        if values or candle.slot != slot
    ]
    return {**books, (market, 240): CandleBook(market, 240, candles)}
