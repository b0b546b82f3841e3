"""The same candles and seed give the same predictions on SQLite and on MySQL, from the exchange to the scores."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from crypto_forecast.exchange.server.standin import Standin
from db_handler.clock import WallClock
from db_handler.ledger.virtual_now import begin_virtual_time
from db_handler.open_database import migrate_database
from db_handler.rows.frames import read_rows
from service.contract.kinds import KINDS
from service.spec import Spec
from service.workflow.open_platform import move_now, open_platform
from service.workflow.run_kind import run_kind
from tests.service.conftest import made_mlflow

__all__ = ["made_mlflow"]

FIRST = datetime(2024, 9, 1, 0, 5, tzinfo=UTC)
START = datetime(2024, 5, 1, tzinfo=UTC)
LIVE = 3  # candles after the first
EXACT = ["market", "unit", "slot", "target_slot", "at", "on_time", "version", "state", "alert", "covered"]


def make_small(spec: Spec) -> Spec:
    model = spec.model.model_copy(update={"iterations": 30, "grid": spec.model.grid[:2]})
    # Thirty days of small models don't show each time that they are better: p is let off, since both databases matter.
    train = spec.train.model_copy(update={"evidence_days": 30, "draws": 200, "p_value": 0.5})
    return replace(spec, data=spec.data.model_copy(update={"start": START}), model=model, train=train)


def play(monkeypatch: pytest.MonkeyPatch) -> dict[str, pd.DataFrame]:
    """Collect, train, predict and score on the database that the environment names; answer with its tables."""
    with migrate_database() as database, database.begin() as connection:
        begin_virtual_time(connection, FIRST)
    platform = open_platform("crypto_forecast")
    platform.specs = {name: make_small(spec) for name, spec in platform.specs.items()}
    with Standin(clock=platform.clock, pacing=WallClock()) as exchange, platform.database as database:
        monkeypatch.setenv("QUARTET_UPBIT_URL", exchange.url)
        for tick in range(LIVE + 1):
            at = FIRST + tick * timedelta(hours=4)
            now = move_now(platform, platform.clock.now(), at)
            for kind in KINDS if tick == 0 else ("data", "inference", "monitoring"):
                outcomes = run_kind(platform, kind, platform.specs, at=at, now=now, cause="clock")
                assert {outcome.status for outcome in outcomes.values()} == {"done"}, outcomes
        data = platform.specs["btc"].data
        with database.begin(writing=False) as connection:
            return {table.name: read_rows(connection, table) for table in data.tables}


def test_sqlite_and_mysql_predict_the_same(
    home: Path, made_mlflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    tables = {}
    for name in ("mysql", "sqlite"):
        monkeypatch.setenv("QUARTET_HOME", str(tmp_path / name))
        (tmp_path / name).mkdir()
        shutil.copy(made_mlflow, tmp_path / name / "mlflow.db")
        if name == "sqlite":
            monkeypatch.delenv("QUARTET_DATABASE_URL")
        tables[name] = play(monkeypatch)
    for table, ours in tables["mysql"].items():
        theirs = tables["sqlite"][table]
        exact = [column for column in EXACT if column in ours]
        pd.testing.assert_frame_equal(ours[exact], theirs[exact])
        pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=1e-9)
    assert len(tables["mysql"]["crypto_forecast_predictions"]) == 3 * (LIVE + 1)
    assert len(tables["mysql"]["crypto_forecast_performance"]) == 3 * LIVE
