"""A stand-in for the exchange: the same paths, fields, limits and errors, over candles and a clock of one's own."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from crypto_forecast.exchange.server.candle_book import SAMPLES, Books, CandleBook, in_utc, read_books, widen_books
from crypto_forecast.exchange.server.faults import Reply, Switches
from crypto_forecast.exchange.server.request_limit import RequestLimit
from db_handler.clock import Clock, WallClock
from db_handler.errors import UsageError

UNITS = (1, 3, 5, 10, 15, 30, 60, 240)
MOST_ROWS = 200
MOST_SERVED = 100_000  # requests that it remembers
OFF = timedelta(minutes=10)


class RefusedError(Exception):
    """A request that gets an error body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Behaviour:
    """How a stand-in differs from an exchange that is well, near and unchanged."""

    faults: Mapping[str, int | None] = field(default_factory=dict)
    latency: float = 0.0
    change: tuple[datetime, float] | None = None
    limit: int = 10


class Standin:
    """Use it as a context manager: `with Standin(folder, clock) as exchange: ... exchange.url`.

    Candles and the header Date follow `clock`; the limit and the latency count by `pacing`, the same clock if none is
    given.
    """

    def __init__(
        self,
        candles: Path | Books = SAMPLES,
        clock: Clock | None = None,
        behaviour: Behaviour | None = None,
        *,
        pacing: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        behaviour = behaviour or Behaviour()
        books = read_books(candles) if isinstance(candles, Path) else candles
        self.books = widen_books(books, *behaviour.change) if behaviour.change else books
        self.clock: Clock = clock or WallClock()
        self.pacing, self.host = pacing or self.clock, host
        self.switches = Switches(behaviour.faults)
        self.latency, self.request_limit = behaviour.latency, RequestLimit(behaviour.limit)
        self.served: list[tuple[datetime, str, int]] = []  # when, what, status
        self.stopping = threading.Event()
        self._earlier: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        try:
            self._server = _Server((host, port), _Handler)
        except OSError as error:
            raise UsageError(f"Port {port} on {host} can't be used ({error.strerror}); choose another.") from None
        self._server.standin = self

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 (all addresses, this machine's too)
        return f"http://{host}:{self._server.server_port}/v1"

    def count_seconds(self) -> float:
        return self.pacing.now().timestamp()

    def travel(self) -> None:
        """Half a round trip."""
        self.pacing.sleep(self.latency / 2)

    def now(self) -> datetime:
        behind, ahead = self.switches.is_on("clock-behind"), self.switches.is_on("clock-ahead")
        return self.clock.now() + OFF * (ahead - behind)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        """One request: the limit first, then the rows, then the faults that are on."""
        with self._lock:
            now = self.now()
            reply = Reply(now, headers={"Date": format_datetime(now.replace(microsecond=0), usegmt=True)})
            halved = self.switches.is_on("limit-halved")
            group = "candles" if "/candles/" in path else "market"
            limit = self.request_limit.limit // 2 if halved else None
            refusal, left = self.request_limit.enter(group, self.count_seconds(), limit)
            reply.headers["Remaining-Req"] = f"group={group}; min=600; sec={left}"
            if refusal:
                reply.status, reply.text = refusal
            else:
                self._fill(reply, path, query)
                self.switches.change(reply)
            self.served.append((now, f"{path}?{query}", reply.status))
            del self.served[:-MOST_SERVED]
            return reply

    def _fill(self, reply: Reply, path: str, query: dict[str, str]) -> None:
        try:
            reply.rows = self._find_rows(path, query, reply.now)
        except RefusedError as error:
            reply.status = error.status
            reply.text = json.dumps({"error": {"name": error.status, "message": str(error)}})
        reply.earlier = self._earlier.setdefault(query.get("market", ""), reply.rows)

    def _find_rows(self, path: str, query: dict[str, str], now: datetime) -> list[dict[str, Any]]:
        if path == "/v1/market/all":
            markets = sorted({market for market, _ in self.books})
            return [dict.fromkeys(("market", "korean_name", "english_name"), market) for market in markets]
        head, _, unit = path.rpartition("/")
        if head != "/v1/candles/minutes":
            raise RefusedError(404, "no Route matched with those values")
        if not unit.isdecimal() or int(unit) not in UNITS:
            raise RefusedError(400, "invalid unit")
        book = self._find_book(query.get("market", ""), int(unit))
        count, to = _read_count(query.get("count", "1")), _read_to(query.get("to"), now)
        rows = book.newest(now if self.switches.is_on("open-included") else to, count, now)
        if self.switches.is_on("new-market"):
            begin = f"{book.slots[len(book.slots) // 2]:%Y-%m-%dT%H:%M:%S}"
            rows = [row for row in rows if row["candle_date_time_utc"] >= begin]
        return rows

    def _find_book(self, market: str, unit: int) -> CandleBook:
        if not market:
            raise RefusedError(400, "market is missing")
        if market not in {name for name, _ in self.books}:
            raise RefusedError(404, "Code not found")
        return self.books.get((market, unit)) or CandleBook(market, unit, [])


def _read_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ROWS:
        raise RefusedError(400, f"count must be 1 to {MOST_ROWS}")
    return int(text)


def _read_to(text: str | None, now: datetime) -> datetime:
    """`to` without an offset means UTC; an unescaped plus arrives as a blank and is refused."""
    if not text:
        return now
    try:
        return in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise RefusedError(400, "to is not a time") from None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Tests restart servers on the same port.
    allow_reuse_address = True
    request_queue_size = 128
    standin: Standin

    def server_bind(self) -> None:
        """Bind without asking for the name of this host, which takes its time where nobody knows it."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else headers and body, two writes, wait for each other's acknowledgement.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        standin, parts = self.server.standin, urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        standin.travel()
        reply = standin.answer(parts.path.rstrip("/"), query)
        standin.travel()
        if reply.hang:
            standin.stopping.wait()
        if reply.hang or reply.reset:
            self.close_connection = True
            return
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        body = reply.text if reply.text is not None else json.dumps(reply.rows)
        body = body if isinstance(body, bytes) else body.encode()
        headers = {"Content-Type": "application/json;charset=UTF-8", "Limit-By-Ip": "Yes", **reply.headers}
        self.send_response_only(reply.status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drip:
            self._drip(body)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(1)
            if self.server.standin.stopping.is_set():
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet: `served` has it."""
