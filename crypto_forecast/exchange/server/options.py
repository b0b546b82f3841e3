"""What is typed after the names of options, read or refused in a sentence."""

import argparse
from datetime import datetime

from crypto_forecast.exchange.server.candle_book import in_utc
from crypto_forecast.exchange.server.faults import FAULTS
from db_handler.errors import UsageError


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where to listen."""
    address = "address to listen on; 0.0.0.0 in a container (default %(default)s)"
    parser.add_argument("--host", default="127.0.0.1", help=address)
    parser.add_argument("--port", type=int, default=8788, help="port to listen on, 0 for any (default %(default)s)")


def check_port(port: int) -> None:
    if not 0 <= port <= 65_535:
        raise UsageError(f"Port {port} is none; ports go from 0 (any free one) to 65535.")


def read_moment(text: str) -> datetime:
    try:
        return in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no moment; write it like 2025-01-01T00:00Z") from None


def read_change(text: str) -> tuple[datetime, float]:
    moment, _, factor = text.partition(",")
    try:
        return read_moment(moment), float(factor)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no change; write it like 2025-05-01T00:00Z,8") from None


def read_fault(text: str) -> tuple[str, int | None]:
    name, _, times = text.partition("=")
    if name not in FAULTS or (times and not times.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no fault; --list-faults names them")
    return name, int(times) if times else None
