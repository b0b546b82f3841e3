"""A world for the toy project: a level with noise, and a day from which the level is another."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from db_handler.clock import VirtualClock
from db_handler.connection.database import Database
from db_handler.rows.frames import upsert_rows
from db_handler.tables.ensure_table import ensure_table
from messenger.clients import MemoryClient
from messenger.send import Messenger
from service.contract.project import Project
from service.spec.load_spec import load_spec
from service.step.outcome import Outcome
from service.step.platform import Platform

START = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CHANGE = 150  # days after the start


def open_toy(database: Database, *, change: bool = True) -> Platform:
    """The toy with 300 days of rows, as if all were known; runs look no further than their `at`."""
    specs = {config: load_spec("toy", config) for config in ("a", "b")}
    days = np.arange(300)
    for place, spec in enumerate(specs.values()):
        noise = np.random.default_rng(place + 22).normal(0, 0.5, len(days))
        level = np.where((days >= CHANGE) & change, -3.0, 1.0)
        rows = pd.DataFrame(
            {"series": spec.data.series, "target_slot": [START + int(day) * DAY for day in days], "level": level}
        )
        rows = rows.assign(slot=rows["target_slot"] - DAY, target=level + noise)
        for table in (spec.data.features, spec.data.predictions, spec.data.performance, spec.data.shadow):
            ensure_table(database, table)
        with database.begin() as connection:
            upsert_rows(connection, spec.data.features, rows)
    clock = VirtualClock(START)
    return Platform(Project("toy"), specs, database, clock, Messenger(database, clock, MemoryClient()))


def live(platform: Platform, first: int, last: int, configs: tuple[str, ...] = ("a",)) -> dict[int, dict[str, Outcome]]:
    """Play inference and monitoring day after day; answer with what monitoring found each day."""
    from service.workflow.run_kind import run_kind

    found = {}
    for day in range(first, last):
        at = START + day * DAY
        platform.clock.move_to(at)
        run_kind(platform, "inference", configs, at=at, now=at, cause="clock")
        found[day] = run_kind(platform, "monitoring", configs, at=at, now=at, cause="clock")
    return found
