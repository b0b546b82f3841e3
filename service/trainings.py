"""What the ledger knows of a unit's trainings, as far as a decision to retrain asks for it."""

from datetime import datetime
from typing import Any

from db_handler.ledger import TICK, read_decisions, read_runs
from service.step import Run


def find_last_training(run: Run) -> datetime | None:
    """Find when a training last began, failed ones too."""
    ended = [row for row in _train_runs(run) if row["status"] in ("done", "failed", "running") and row["at"] <= run.at]
    return max((row["at"] for row in ended), default=None)


def find_pending(run: Run) -> str | None:
    """Find the decision to retrain whose training has not come to an end, if there is one."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        called = read_decisions(
            connection,
            project=spec.project,
            config=spec.config,
            subject="retrain",
            verdict="retrain",
            until=run.at + TICK,
        )
    called = [decision for decision in called if not decision["past"]]
    return called[-1]["decision_id"] if called and not _has_ended(run, called[-1]["decision_id"]) else None


def find_data_problem(run: Run) -> str | None:
    """Say what the newest check of the model rows found, if it found something wrong."""
    with run.database.begin(writing=False) as connection:
        checks = read_runs(
            connection, project=run.spec.project, config=run.spec.config, step="check", until=run.at, limit=1
        )
    return checks[0]["error"] if checks and checks[0]["status"] == "failed" else None


def _has_ended(run: Run, cause: str) -> bool:
    rows = [row for row in _train_runs(run) if row["cause"] == cause]
    return any(row["status"] == "failed" or (row["step"] == "promote" and row["status"] == "done") for row in rows)


def _train_runs(run: Run) -> list[dict[str, Any]]:
    with run.database.begin(writing=False) as connection:
        return read_runs(connection, project=run.spec.project, config=run.spec.config, kind="train")
