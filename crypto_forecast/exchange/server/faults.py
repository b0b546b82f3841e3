"""The stand-in's faults, each with a named switch: everything that may go wrong with an exchange."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass
class Reply:
    """What the stand-in is about to answer; a fault changes it."""

    now: datetime
    rows: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    text: str | bytes | None = None  # instead of rows
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drip: bool = False
    reset: bool = False
    # The last page of an earlier request, for the fault that repeats it.
    earlier: list[dict[str, Any]] = field(default_factory=list)


def _refuse(status: int, text: str | bytes, **headers: str) -> Callable[[Reply], None]:
    def change(reply: Reply) -> None:
        reply.status, reply.text = status, text
        reply.headers.update({name.replace("_", "-"): value for name, value in headers.items()})

    return change


def _set(**values: Any) -> Callable[[Reply], None]:
    return lambda reply: vars(reply).update(values)


def _spoil(**values: Any) -> Callable[[Reply], None]:
    """One row of a page, in its middle, carries these values."""

    def change(reply: Reply) -> None:
        if reply.rows:
            reply.rows[len(reply.rows) // 2].update(values)

    return change


def _spoil_most(reply: Reply) -> None:
    for row in reply.rows[::2]:
        row["low_price"] = -1.0


def _swap_high_low(reply: Reply) -> None:
    if reply.rows:
        row = reply.rows[len(reply.rows) // 2]
        row["high_price"], row["low_price"] = row["low_price"] - 1, row["high_price"] + 1


def _duplicate(reply: Reply) -> None:
    reply.rows = [row for row in reply.rows for _ in range(2)]


def _shuffle(reply: Reply) -> None:
    random.Random(0).shuffle(reply.rows)  # noqa: S311


def _repeat(reply: Reply) -> None:
    reply.rows = reply.earlier or reply.rows


def _leave_out(reply: Reply) -> None:
    reply.rows = [row for place, row in enumerate(reply.rows) if place % 5 != 2]


def _older_version(reply: Reply) -> None:
    newest = f"{reply.now - timedelta(hours=8):%Y-%m-%dT%H:%M:%S}"
    for row in reply.rows:
        if row["candle_date_time_utc"] > newest:
            row["candle_acc_trade_volume"] = row["candle_acc_trade_volume"] / 2
            row["timestamp"] -= 1000


def _unaligned(reply: Reply) -> None:
    for row in reply.rows[len(reply.rows) // 2 :][:1]:
        moment = datetime.fromisoformat(row["candle_date_time_utc"]) + timedelta(minutes=7)
        row["candle_date_time_utc"] = f"{moment:%Y-%m-%dT%H:%M:%S}"


def _kst_date(reply: Reply) -> None:
    local = reply.now + timedelta(hours=9)
    reply.headers["Date"] = f"{local:%a, %d %b %Y %H:%M:%S} +0900"


def _nothing(_: Reply) -> None:
    """The stand-in itself looks at the switch."""


ERROR_BODY = '{"error": {"name": 500, "message": "Internal error"}}'
CUT_BODY = '[{"market": "KRW-BTC", "candle_date_time_utc": "2024-0'
BAN_BODY = '{"error": {"name": 418, "message": "Too many requests. Blocked for 60 seconds."}}'

_too_many = _refuse(429, "Too many API requests.", Remaining_Req="group=candles; min=600; sec=0")
_html = _refuse(200, "<html><body>Maintenance</body></html>", Content_Type="text/html")

# Number in the list of faults, what a client sees, how the reply changes.
FAULTS: dict[str, tuple[int, str, Callable[[Reply], None]]] = {
    "too-many": (26, "429 in plain text with sec=0 although the limit is not reached", _too_many),
    "banned": (27, "418 whose body says that the block lasts 60 seconds", _refuse(418, BAN_BODY)),
    "banned-silent": (27, "418 with a body that says nothing", _refuse(418, "I'm a teapot")),
    "http-500": (28, "500 with an error body", _refuse(500, ERROR_BODY)),
    "http-503": (28, "503 with an empty body", _refuse(503, "")),
    "html": (28, "200 with an HTML page", _html),
    "empty-body": (28, "200 with an empty body", _refuse(200, "")),
    "error-200": (28, "200 with an error object", _refuse(200, ERROR_BODY)),
    "hang": (29, "the answer never comes", _set(hang=True)),
    "drip": (29, "the answer comes at one byte a second", _set(drip=True)),
    "reset": (29, "the connection is closed without an answer", _set(reset=True)),
    "truncated": (30, "JSON that stops in the middle", _set(text=CUT_BODY)),
    "wrong-type": (30, "JSON of another type", _refuse(200, '{"rows": 1}')),
    "list-of-text": (30, "a list of texts", _refuse(200, '["a", "b"]')),
    "huge": (30, "a body of 100 MB", _refuse(200, b" " * 100_000_000)),
    "duplicate": (31, "every row twice", _duplicate),
    "shuffled": (31, "rows in no order", _shuffle),
    "repeated": (31, "the page of an earlier request again", _repeat),
    "short": (32, "every fifth row left out of the answer", _leave_out),
    "empty-page": (32, "an empty list although there are candles", _set(rows=[])),
    "negative": (33, "a negative price", _spoil(low_price=-1.0)),
    "zero": (33, "a price of zero", _spoil(opening_price=0.0)),
    "nan": (33, "NaN as a price", _spoil(trade_price=float("nan"))),
    "infinite": (33, "Infinity as a volume", _spoil(candle_acc_trade_volume=float("inf"))),
    "text": (33, "a text where a number belongs", _spoil(high_price="12,000")),
    "overflow": (33, "a price of 1e30", _spoil(high_price=1e30)),
    "missing-field": (33, "a null where a price belongs", _spoil(trade_price=None)),
    "high-below-low": (33, "high below low", _swap_high_low),
    "future": (33, "a row from the year 2099", _spoil(candle_date_time_utc="2099-01-01T00:00:00")),
    "unaligned": (33, "a row off the grid", _unaligned),
    "mostly-bad": (33, "half of the rows with a negative price", _spoil_most),
    "older-version": (34, "candles that have just closed in an older version", _older_version),
    "open-included": (35, "`to` is ignored: the newest rows, the open candle among them", _nothing),
    "delisted": (36, "404 for every market", _refuse(404, '{"error": {"name": 404, "message": "Code not found"}}')),
    "new-market": (36, "markets begin in the middle of their candles", _nothing),
    "clock-behind": (37, "the server's clock is ten minutes behind", _nothing),
    "clock-ahead": (37, "the server's clock is ten minutes ahead", _nothing),
    "kst-date": (38, "the Date header is in Korean time", _kst_date),
    "limit-halved": (39, "only half of the requests are allowed, as the header says", _nothing),
}


class Switches:
    """Which faults are on, and for how many more requests (None: for ever)."""

    def __init__(self, faults: Mapping[str, int | None]) -> None:
        unknown = sorted(faults.keys() - FAULTS.keys())
        if unknown:
            raise KeyError(f"There is no fault {unknown[0]!r}; the names are {', '.join(FAULTS)}.")
        self.left = dict(faults)

    def is_on(self, name: str) -> bool:
        left = self.left.get(name, 0)
        return left is None or left > 0

    def change(self, reply: Reply) -> None:
        """Let each fault that is on change this reply, and count it down."""
        for name in [name for name in self.left if self.is_on(name)]:
            FAULTS[name][2](reply)
            left = self.left[name]
            self.left[name] = None if left is None else left - 1
