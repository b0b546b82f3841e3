"""The world of a home with a virtual now: real candles behind a stand-in exchange, and their change on the way."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crypto_forecast.exchange.client.exchange import Exchange
from crypto_forecast.exchange.client.settings import read_exchange_settings
from crypto_forecast.exchange.server.candle_book import find_end, read_books
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from db_handler.clock import Clock, VirtualClock, WallClock
from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.settings import read_settings

WORLD_FILE = "world.json"


@dataclass(frozen=True)
class World:
    """From `change` on every candle's log range is `factor` times as wide."""

    change: datetime | None = None
    factor: float = 1.0

    @property
    def end(self) -> datetime:
        """Where the candles that ship with the project end."""
        return find_end(read_books())


def save_world(home: Path, world: World) -> None:
    """Write the world into its home, where every later command finds it."""
    change = world.change.isoformat() if world.change else None
    (home / WORLD_FILE).write_text(json.dumps({"change": change, "factor": world.factor}) + "\n", encoding="utf-8")


def read_world(home: Path) -> World:
    """Read the world that a demo left in its home."""
    try:
        values = json.loads((home / WORLD_FILE).read_text(encoding="utf-8"))
        return World(datetime.fromisoformat(values["change"]) if values["change"] else None, float(values["factor"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            f"The home {home} has a virtual now, but its {WORLD_FILE} can't be read: play `make demo` again, "
            "or set QUARTET_UPBIT_URL to an exchange, as to the real one's https://api.upbit.com/v1 for a replay."
        ) from None


@contextmanager
def open_exchange(database: Database, clock: Clock) -> Iterator[Exchange]:
    """Open the exchange: the one that the settings name, or in a virtual world a stand-in of its own.

    The limit of the one that the settings name is counted in real seconds, in a virtual world too.
    """
    settings = read_exchange_settings()
    if not isinstance(clock, VirtualClock) or "url" in settings.model_fields_set:
        pacing = WallClock() if isinstance(clock, VirtualClock) else clock
        with Exchange(database, clock, settings, pacing=pacing) as exchange:
            yield exchange
        return
    with Exchange(database, clock, settings.model_copy(update={"url": _find_standin(clock).url})) as exchange:
        yield exchange


_standins: dict[VirtualClock, Standin] = {}


def _find_standin(clock: VirtualClock) -> Standin:
    """Start the stand-in of this clock at its first use; it lives as long as the process."""
    if clock not in _standins:
        world = read_world(read_settings().home)
        change = (world.change, world.factor) if world.change else None
        _standins[clock] = Standin(clock=clock, behaviour=Behaviour(change=change)).__enter__()
    return _standins[clock]
