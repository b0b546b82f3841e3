"""The client: pages of candles from the exchange, each within the limit, with bounded patience, and in order."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Self, TypeVar
from urllib.parse import urlsplit

from crypto_forecast.exchange.client.answers import (
    Answer,
    check_rows,
    read_block_seconds,
    read_date,
    read_left,
    read_message,
    read_rows_of,
)
from crypto_forecast.exchange.client.connection import Connection, RawAnswer
from crypto_forecast.exchange.client.errors import ExchangeAwayError, ExchangeError, FlawError, TooManyError
from crypto_forecast.exchange.client.limiter import WINDOW, Limiter
from crypto_forecast.exchange.client.settings import ExchangeSettings, read_exchange_settings
from db_handler.clock import Clock, VirtualClock
from db_handler.connection.database import Database

TRIES = 3
BACKOFF = 0.5
# Waiting for 1, 2, 4 and 8 windows is patience enough with a limit that we keep anyway.
WAITS = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


class Exchange:
    """Use it as a context manager; all its methods may be called by many threads.

    `clock` gives the time in the exchange's world; `pacing` counts the seconds of its limit, which are real
    ones for a server of its own, in a virtual world too.
    """

    def __init__(
        self, database: Database, clock: Clock, settings: ExchangeSettings | None = None, *, pacing: Clock | None = None
    ) -> None:
        self.settings = settings or read_exchange_settings()
        self.host = urlsplit(self.settings.url).netloc
        self.clock, self.pacing = clock, pacing or clock
        self.limiter = Limiter(database, self.pacing, self.host, self.settings.block_seconds)
        self.date: datetime | None = None  # the server's time, as far as its answers say
        # Virtual time passes by waiting: requests that wait side by side would come in bunches.
        self._side_by_side = 1 if isinstance(self.pacing, VirtualClock) else self.settings.pages
        self._mine = threading.local()
        self._connections: list[Connection] = []
        self._closing = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        for connection in list(self._connections):
            connection.close()

    def fetch(self, market: str, unit: int, to: datetime, count: int) -> Answer:
        """At most `count` candles that start before `to`; ExchangeError when it can't be had."""
        fields = {"market": market, "to": f"{to:%Y-%m-%dT%H:%M:%SZ}", "count": str(count)}
        flaws = waits = 0
        while True:
            try:
                raw = self._try(f"candles/minutes/{unit}", fields, market)
                rows = read_rows_of(raw.body)
                check_rows(rows, market, unit, to)
                return Answer(rows, read_date(raw.headers) or self.clock.now())
            except FlawError as flaw:
                flaws += 1
                if flaws == TRIES or self._closing:
                    raise ExchangeAwayError(
                        f"{market}: {self.host} {flaw}, {flaws} times; run again when it is well."
                    ) from None
                self.pacing.sleep(BACKOFF * 2 ** (flaws - 1))
            except TooManyError:
                if waits == WAITS:
                    raise ExchangeAwayError(
                        f"{market}: {self.host} keeps answering 429 to requests within its limit; is another program "
                        "of this address asking it too? Run again later."
                    ) from None
                self.limiter.hold(WINDOW * 2**waits)
                waits += 1

    def in_order(self, ask: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Ask for many things side by side, and hand the results over in the order of the things."""
        if self._side_by_side == 1 or len(items) < 2:
            yield from map(ask, items)
            return
        pool, waiting = ThreadPoolExecutor(self._side_by_side, "page"), iter(items)
        under_way: deque[Future[Result]] = deque()
        try:
            for item in waiting:
                under_way.append(pool.submit(ask, item))
                if len(under_way) == 2 * self._side_by_side:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _try(self, path: str, fields: dict[str, str], market: str) -> RawAnswer:
        connection = self._open_connection()
        connection.warm()
        turn = self.limiter.take()
        if self._closing:
            raise ExchangeError(f"{market}: collecting was broken off; run again to go on.")
        raw = connection.get(path, fields)
        date = read_date(raw.headers)
        if date and (self.date is None or self.date < date):
            self.date = date
        if raw.status not in (418, 429):
            self.limiter.learn(turn, read_left(raw.headers))
        self._judge(raw, market)
        return raw

    def _judge(self, raw: RawAnswer, market: str) -> None:
        """A status that is not 200: final, or worth another try."""
        if raw.status == 200:
            return
        if raw.status == 429:
            raise TooManyError
        if raw.status == 418:
            now = read_date(raw.headers) or self.clock.now()
            raise self.limiter.block(read_block_seconds(raw.body, raw.headers, now))
        said = f"{raw.status}, {read_message(raw.body)}"
        if raw.status >= 500:
            raise FlawError(f"answered {said}")
        if raw.status == 404:
            raise ExchangeError(f"{market}: {self.host} has no such market ({said}); check Data.market of its config.")
        raise ExchangeError(f"{market}: {self.host} refused the request ({said}); check market and unit of its config.")

    def _open_connection(self) -> Connection:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = Connection(self.settings)
            self._connections.append(self._mine.connection)
        connection: Connection = self._mine.connection
        return connection
