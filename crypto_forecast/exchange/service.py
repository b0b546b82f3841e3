"""`python -m crypto_forecast.exchange.service`: the exchange of a demo stack, on a virtual clock that it moves on.

It serves real candles up to the virtual now that the database keeps, and starts a data run through Airflow for
one close after the other.
"""

import argparse
import logging
import signal
import sys
import threading
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NoReturn

from crypto_forecast.exchange.server.candle_book import find_end, read_books
from crypto_forecast.exchange.server.options import add_address, check_port, read_moment
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from crypto_forecast.exchange.ticker.airflow import Airflow, read_password
from crypto_forecast.exchange.ticker.demo_clock import begin_demo_time
from crypto_forecast.exchange.ticker.play_moments import Ticker, list_moments
from db_handler.clock import WallClock
from db_handler.errors import UsageError, end_with_sentence
from db_handler.open_database import open_database
from service.contract.moment import write_at

LIVE, CHANGE, FACTOR = datetime(2025, 2, 18, tzinfo=UTC), datetime(2025, 2, 20, tzinfo=UTC), 8.0

log = logging.getLogger("crypto_forecast.exchange.service")  # as a program it is __main__


@end_with_sentence
def main(arguments: list[str] | None = None) -> int:
    options = build_parser().parse_args(arguments)
    set_up_logging()
    signal.signal(signal.SIGTERM, stop)
    try:
        serve(options)
    except KeyboardInterrupt:
        log.info("Stopped; started again, it goes on from where it was.")
    return 0


def serve(options: argparse.Namespace) -> None:
    """Serve and tick until all moments are played, then only serve."""
    check_port(options.port)
    airflow = Airflow(options.airflow, options.airflow_user, read_password(options.airflow_password_file))
    books = read_books()
    moments = choose_moments(options, find_end(books))
    with open_database() as database:
        clock = begin_demo_time(database, moments[0], end=find_end(books))
        behaviour = Behaviour(change=(options.change, options.factor))
        with Standin(books, clock, behaviour, pacing=WallClock(), host=options.host, port=options.port) as exchange:
            now = clock.now()
            log.info("%s serves candles up to the virtual now, %s.", exchange.url, write_at(now))
            # The current moment may have been cut off: played again, it finds its runs by their ids.
            Ticker(airflow, clock).play_all(islice((at for at in moments if at >= now), options.moments))
            log.info("All moments are played; it goes on serving.")
            threading.Event().wait()


def choose_moments(options: argparse.Namespace, end: datetime) -> list[datetime]:
    until = options.until or end
    moments = list(list_moments(options.live, min(until, end)))
    if until > end or not moments:
        raise UsageError(
            f"From {write_at(options.live)} until {write_at(until)} nothing can be played: --live and --until have to "
            f"lie before {write_at(end)}, where the candles end."
        )
    return moments


def build_parser() -> argparse.ArgumentParser:
    description = "The exchange of a demo stack: real candles on a virtual clock, and a ticker for Airflow."
    parser = argparse.ArgumentParser(prog="python -m crypto_forecast.exchange.service", description=description)
    add_address(parser)
    parser.add_argument("--airflow", default="http://127.0.0.1:8080", metavar="URL", help="(default %(default)s)")
    parser.add_argument("--airflow-user", default="ticker", metavar="NAME", help="(default %(default)s)")
    secret, text = Path("compose/secrets/airflow_ticker_password"), "file that holds its password (default %(default)s)"
    parser.add_argument("--airflow-password-file", type=Path, default=secret, metavar="FILE", help=text)
    parser.add_argument("--live", type=read_moment, default=LIVE, help="the first close that is played")
    parser.add_argument("--until", type=read_moment, help="the end (default: where the candles end)")
    parser.add_argument("--change", type=read_moment, default=CHANGE, help="when the world changes")
    wider = "how many times as wide log ranges are then (default %(default)g)"
    parser.add_argument("--factor", type=float, default=FACTOR, help=wider)
    parser.add_argument("--moments", type=int, metavar="N", help="stop ticking after so many")
    return parser


def set_up_logging() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    for room in ("crypto_forecast", "db_handler"):
        logging.getLogger(room).setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # failures are logged in sentences of our own


def stop(_signum: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
