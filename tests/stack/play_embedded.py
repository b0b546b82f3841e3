"""A program that plays kinds at moments by `run.py`, with no server: `play_embedded.py HOME KIND@AT[@CONFIG] ...`.

The exchange is the stand-in that the stack has, on the virtual clock of the home's own database.
"""

import os
import sys
from datetime import datetime
from pathlib import Path

from crypto_forecast.exchange.server.candle_book import find_end, read_books
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from crypto_forecast.exchange.service import CHANGE, FACTOR
from crypto_forecast.exchange.ticker.demo_clock import begin_demo_time
from db_handler.clock import WallClock
from db_handler.open_database import open_database
from service.cli.run_command import run_command


def main(home: Path, plays: list[str]) -> None:
    home.mkdir(parents=True, exist_ok=True)
    os.environ["QUARTET_HOME"] = str(home)
    for name in ("QUARTET_DATABASE_URL", "MLFLOW_TRACKING_URI"):
        os.environ.pop(name, None)
    books = read_books()
    first = datetime.fromisoformat(plays[0].split("@")[1])
    with open_database() as database:
        clock = begin_demo_time(database, first, end=find_end(books))
        with Standin(books, clock, Behaviour(change=(CHANGE, FACTOR)), pacing=WallClock()) as exchange:
            os.environ["QUARTET_UPBIT_URL"] = exchange.url
            for play in plays:
                kind, at, *configs = play.split("@")
                words = [kind, "--at", at, "--cause", "clock", *(["--config", *configs] if configs else [])]
                if status := run_command("crypto_forecast", words):
                    sys.exit(status)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
