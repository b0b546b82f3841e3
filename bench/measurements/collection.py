"""Collecting a market's history, in real time, from a stand-in that enforces the exchange's limit."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise
from unittest.mock import patch

from bench.candles import bind_book, invent_candles
from bench.own_platform import make_run, make_spec, open_own_database
from bench.row import Row, Target
from bench.stopwatch import time_work
from crypto_forecast.core.load import load
from crypto_forecast.exchange.client.connection import Connection
from crypto_forecast.exchange.client.settings import ExchangeSettings
from crypto_forecast.exchange.server.candle_book import CandleBook
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from crypto_forecast.loader.candle_slots import PAGE_ROWS
from db_handler.clock import WallClock

UNIT = 1
LIMIT = 10.0 * PAGE_ROWS
# pyupbit sleeps for so long after each page of a history, whatever the page itself took, and has one request under way.
# Its host is fixed in its code, so its waits are measured, over a connection that is kept open, and not itself.
PYUPBIT_SLEEP = 0.1
PEER = "one request after the other with pyupbit's waits, nothing stored"
TARGET = Target(0.95, "limit", "95 % of the limit, no 429")


def measure_collection(tiny: bool) -> Iterator[Row]:
    """Time the step load in full (ask, sift, store) beside one request after the other."""
    pages, sequential_pages, round_trips = (6, 2, (30,)) if tiny else (120, 30, (30, 100, 200))
    book = bind_book(invent_candles(pages * PAGE_ROWS, unit=UNIT))
    for milliseconds in round_trips:
        with serve(book, milliseconds) as exchange:
            seconds = time_load(book)
            refused = sum(status != 200 for _, _, status in exchange.served)
        with serve(book, milliseconds) as exchange:
            sequential = time_work(partial(ask_in_sequence, exchange, book, sequential_pages))
        work, flaw = f"collecting and storing candles, {milliseconds} ms round trip", f"{refused} requests were refused"
        ours, theirs = len(book.candles) / seconds, sequential_pages * PAGE_ROWS / sequential
        row = Row(work, "candles/s", ours, PEER, theirs, LIMIT, "10 requests/s of 200", TARGET)
        yield replace(row, flaw=flaw) if refused else row


@contextmanager
def serve(book: CandleBook, milliseconds: int) -> Iterator[Standin]:
    """Start a stand-in with this round trip and name it as the exchange in the environment."""
    books = {(book.market, book.unit): book}
    with (
        Standin(books, WallClock(), Behaviour(latency=milliseconds / 1000)) as exchange,
        patch.dict(os.environ, QUARTET_UPBIT_URL=exchange.url),
    ):
        yield exchange


def time_load(book: CandleBook) -> float:
    """Time the way from an empty table to all candles stored."""
    step = timedelta(minutes=book.unit)
    spec = make_spec(data={"unit": book.unit, "horizon": step, "start": book.slots[0]})
    with open_own_database() as database:
        run = make_run(database, spec, book.slots[-1] + step)
        started = time.perf_counter()
        result = load(spec, run)
        seconds = time.perf_counter() - started
    if result["rows"] != len(book.candles):
        raise RuntimeError(f"{result['rows']} of {len(book.candles)} candles were stored")
    return seconds


def ask_in_sequence(exchange: Standin, book: CandleBook, pages: int) -> None:
    """Fetch a page, sleep, fetch the next."""
    connection = Connection(ExchangeSettings(url=exchange.url))
    ends = [book.slots[0] + place * PAGE_ROWS * timedelta(minutes=book.unit) for place in range(pages + 1)]
    for _, end in pairwise(ends):
        connection.warm()
        fields = {"market": book.market, "to": f"{end:%Y-%m-%dT%H:%M:%SZ}", "count": str(PAGE_ROWS)}
        answer = connection.get(f"candles/minutes/{book.unit}", fields)
        if answer.status != 200:
            raise RuntimeError(f"the sequential client was answered {answer.status}")
        time.sleep(PYUPBIT_SLEEP)
    connection.close()
