"""The demo's home: one demo at a time, emptied of an earlier one, with a virtual now and a world of its own."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from crypto_forecast.exchange.world import WORLD_FILE, World, save_world
from db_handler.errors import UsageError
from db_handler.ledger.virtual_now import begin_virtual_time
from db_handler.open_database import open_database

OUTSIDE = (
    *("QUARTET_DATABASE_URL", "QUARTET_UPBIT_URL", "MLFLOW_TRACKING_URI"),
    *("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "SLACK_API_URL"),
)


@contextmanager
def hold_home(home: Path) -> Iterator[None]:
    """Let one demo run at a time; a second one would empty the home of the first."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not os.access(home, os.W_OK):
            raise PermissionError(13, "it may not be written")
        held = os.open(home, os.O_RDONLY)
    except OSError as error:
        raise UsageError(
            f"The demo's home {home} can't be written ({error.strerror}): make it a folder of yours."
        ) from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back by the system however the process ends
        yield
    except BlockingIOError:
        raise UsageError(
            f"Another demo is being played in {home}: wait for its end, or stop it, and run again."
        ) from None
    finally:
        os.close(held)


def build_world(world: World, home: Path, now: datetime) -> None:
    """Begin an empty home with a virtual now and an exchange of its own; nothing outside of it is touched."""
    for name in OUTSIDE:
        os.environ.pop(name, None)
    os.environ["QUARTET_HOME"] = str(home.resolve())
    _clear_home(home)
    save_world(home, world)
    with open_database() as database, database.begin() as connection:
        begin_virtual_time(connection, now, end=world.end)


def _clear_home(home: Path) -> None:
    """Empty the home of an earlier demo only; its world file goes last, in case of a kill."""
    paths = [path for path in home.iterdir() if path.name != WORLD_FILE]
    if paths and not (home / WORLD_FILE).exists():
        raise UsageError(f"{home} holds something that is not an earlier demo: move it away and run again")
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
