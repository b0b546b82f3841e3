"""What a measurement runs on: an empty database, one config of the project, and a run at a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crypto_forecast.utils.utils import load_spec_from_config
from db_handler.clock import WallClock
from db_handler.connection.database import Database
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from messenger.clients import MemoryClient
from messenger.send import open_messenger
from service.contract.project import Project
from service.spec import Spec
from service.step import Run
from service.step.platform import Platform


@contextmanager
def open_own_database() -> Iterator[Database]:
    """Open an empty SQLite database in a folder that is deleted afterwards."""
    with TemporaryDirectory(prefix="quartet-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'quartet.db'}"
        with open_database(HouseSettings(home=Path(folder), database_url=url)) as database:
            yield database


def make_spec(**changes: dict[str, Any]) -> Spec:
    """Make the config btc with some keys changed, given by section."""
    spec = load_spec_from_config("btc")
    sections = {name: getattr(spec, name).model_copy(update=keys) for name, keys in changes.items()}
    return replace(spec, **sections)


def make_run(database: Database, spec: Spec, at: datetime) -> Run:
    """Make a run of the data workflow on the wall's clock."""
    clock = WallClock()
    messenger = open_messenger(database, MemoryClient())
    platform = Platform(Project(spec.project), {spec.config: spec}, database, clock, messenger)
    return Run(platform, spec, kind="data", step="load", at=at, now=at, cause="person")
