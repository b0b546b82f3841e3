"""A world for the visits: what makes a visitor buy, labels a week late, and a day from which it is otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

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
from service.workflow.run_kind import run_kind

START = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
DELAY = timedelta(days=7)
VISITS = 40  # a day


def invent_visits(days: int, *, change: int | None = None, seed: int = 1) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    count = days * VISITS
    day = np.repeat(np.arange(days), VISITS)
    came = pd.to_datetime(START) + pd.to_timedelta(day * 86_400 + draws.integers(0, 86_400, count), unit="s")
    source = draws.choice(["ad", "mail", "search"], count)
    pages, hour = draws.poisson(5, count).astype(float), draws.integers(0, 24, count).astype(float)
    drive = 0.5 * (pages - 5) + np.where(source == "mail", 1.0, -0.5) * np.where(hour > 12, 1, -1)
    drive = drive if change is None else np.where(day >= change, -drive, drive)
    buys = draws.random(count) < 1 / (1 + np.exp(-2 * drive))
    rows = pd.DataFrame({"visit": [f"v{place:06d}" for place in range(count)], "came_at": came.as_unit("us")})
    rows = rows.assign(pages=pages, hour=hour, source=source, target=buys.astype(float))
    rows["label_at"] = rows["came_at"] + DELAY
    rows.loc[::17, "pages"] = np.nan
    rows["source"] = rows["source"].where(draws.random(count) > 0.05, None)
    return rows


def open_visits(database: Database, rows: pd.DataFrame) -> Platform:
    spec = load_spec("visits", "shop")
    for table in spec.data.tables:
        ensure_table(database, table)
    with database.begin() as connection:
        upsert_rows(connection, spec.data.features, rows)
    clock = VirtualClock(START)
    return Platform(Project("visits"), {"shop": spec}, database, clock, Messenger(database, clock, MemoryClient()))


def run_at(platform: Platform, kind: str, day: int, **options: Any) -> Outcome:
    """Run a kind at the end of a day, as if it were now."""
    at = START + day * DAY
    platform.clock.move_to(at)  # type: ignore[attr-defined]
    return run_kind(platform, kind, ["shop"], at=at, now=at, cause=options.pop("cause", "clock"), **options)["shop"]
