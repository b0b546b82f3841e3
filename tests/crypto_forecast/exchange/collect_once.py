"""A process of its own that collects one market at real time: `python -m ... HOME CONFIG START`."""

import faulthandler
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

from crypto_forecast.core.load import load
from db_handler.clock import WallClock
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from tests.crypto_forecast.exchange.collecting import specs

if __name__ == "__main__":
    faulthandler.dump_traceback_later(25, exit=True)  # who hangs shall say where
    home, config, start, at = sys.argv[1:]
    given = specs(datetime.fromisoformat(start))
    with open_database(HouseSettings(home=Path(home))) as database:
        platform = SimpleNamespace(clock=WallClock(), specs=given)
        run = SimpleNamespace(database=database, platform=platform, at=datetime.fromisoformat(at))
        print(load(given[config], run))  # type: ignore[arg-type]
