"""`python -m crypto_forecast.exchange`: serve the stand-in until Ctrl-C."""

import argparse
import contextlib
import sys
import threading
from datetime import datetime
from pathlib import Path

from crypto_forecast.exchange.server.candle_book import SAMPLES
from crypto_forecast.exchange.server.faults import FAULTS
from crypto_forecast.exchange.server.options import add_address, check_port, read_change, read_fault, read_moment
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from db_handler.clock import WallClock
from db_handler.errors import end_with_sentence


class ShiftedClock(WallClock):
    """The wall clock, started at another moment."""

    def __init__(self, start: datetime) -> None:
        self._shift = start - super().now()

    def now(self) -> datetime:
        return super().now() + self._shift


@end_with_sentence
def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    if options.list_faults:
        print(*(f"{name:16}{number}  {text}" for name, (number, text, _) in FAULTS.items()), sep="\n")  # noqa: T201
    else:
        serve(options)
    return 0


def serve(options: argparse.Namespace) -> None:
    check_port(options.port)
    clock = ShiftedClock(options.now) if options.now else WallClock()
    behaviour = Behaviour(dict(options.fault), options.latency, options.change, options.limit)
    with Standin(options.data, clock, behaviour, host=options.host, port=options.port) as exchange:
        markets = ", ".join(sorted({market for market, _ in exchange.books}))
        print(f"{exchange.url} serves {markets}; Ctrl-C ends it.", file=sys.stderr, flush=True)  # noqa: T201
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def build_parser() -> argparse.ArgumentParser:
    description = "A stand-in for Upbit's quotation API."
    parser = argparse.ArgumentParser(prog="python -m crypto_forecast.exchange", description=description)
    parser.add_argument("--data", type=Path, default=SAMPLES, help="folder of files such as KRW-BTC_240m.csv.gz")
    add_address(parser)
    parser.add_argument("--now", type=read_moment, help="start its clock at this moment, such as 2025-01-01T00:00Z")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds for a round trip")
    parser.add_argument("--limit", type=int, default=10, help="requests allowed in a second (default %(default)s)")
    wider = "from this moment on every candle's log range is so many times as wide"
    parser.add_argument("--change", type=read_change, metavar="MOMENT,FACTOR", help=wider)
    switch = "switch a fault on, for ever or for N requests; may be repeated"
    parser.add_argument("--fault", type=read_fault, action="append", default=[], metavar="NAME[=N]", help=switch)
    parser.add_argument("--list-faults", action="store_true", help="print the faults and end")
    return parser


if __name__ == "__main__":
    sys.exit(main())
