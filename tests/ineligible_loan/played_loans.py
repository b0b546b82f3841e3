"""The four workflows played in a home of their own, by recipes that take less time than the configs' own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from db_handler.clock import VirtualClock
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows
from db_handler.settings import HouseSettings
from db_handler.tables.ensure_table import ensure_table
from ineligible_loan.utils.utils import load_spec_from_config
from messenger.clients import MemoryClient
from messenger.send import Messenger
from service.contract.project import Project
from service.spec import Spec
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.workflow.run_kind import run_kind, run_verb

CONFIGS = ("batch", "continuous_training", "continuous_deployment")


def hasten(spec: Spec) -> Spec:
    """One small recipe, fitted again once a month."""
    model = spec.model.model_copy(update={"grid": (), "iterations": 60})
    return replace(spec, model=model, train=spec.train.model_copy(update={"evidence_days": 60, "refit_days": 30}))


@contextmanager
def open_loans(home: Path) -> Iterator[Platform]:
    """Open a platform in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "QUARTET_DATABASE_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("QUARTET_HOME", str(home))
        specs = {config: hasten(load_spec_from_config(config)) for config in CONFIGS}
        clock = VirtualClock(datetime(2025, 1, 1, tzinfo=UTC))
        with open_database(HouseSettings(home=home, database_url=None)) as database:
            for table in specs["batch"].data.tables:
                ensure_table(database, table)
            messenger = Messenger(database, clock, MemoryClient())
            yield Platform(Project("ineligible_loan"), specs, database, clock, messenger)


def play(platform: Platform, kind: str, at: str, *, configs: tuple[str, ...] = CONFIGS) -> dict[str, Outcome]:
    """Run a kind as its schedule would."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return run_kind(platform, kind, configs, at=moment, now=moment, cause="clock")


def ask(platform: Platform, verb: str, at: str, config: str = "batch", **options: Any) -> dict[str, Any]:
    """Run a verb as a person would."""
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    outcome = run_verb(platform, verb, [config], at=moment, now=moment, options=options)[config]
    return dict(outcome.results[verb])


def read_predictions(platform: Platform, config: str) -> pd.DataFrame:
    """Read what a config has answered, in the order of the applications."""
    data = platform.specs[config].data
    with platform.database.begin(writing=False) as connection:
        return read_rows(connection, data.predictions, where={"config": config}, order_by="applied_at")
