"""The history of a unit's trainings, as far as a decision to retrain asks for it."""

from datetime import datetime

from db_handler.ledger.decisions import Decision, read_decisions
from db_handler.ledger.runs import RunRow, read_runs
from service.contract.kinds import KINDS
from service.step import Run


def find_last_training(run: Run) -> datetime | None:
    """Find when a training last began, failed ones too."""
    begun = [row.at for row in _read_train_runs(run) if row.status in ("done", "failed", "running")]
    return max((at for at in begun if at <= run.at), default=None)


def find_last_judgement(run: Run) -> datetime | None:
    """Find when a challenger was last judged, whatever came of it."""
    judged = [row.at for row in _read_train_runs(run) if row.step == "promote" and row.status == "done"]
    return max((at for at in judged if at <= run.at), default=None)


def find_attempts(run: Run) -> list[bool]:
    """Find the retrains that have ended, newest first, and whether each ended in a promotion."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        promotions = read_decisions(connection, spec.project, spec.config, subject="promotion", verdict="promoted")
    causes = {promotion.cause for promotion in promotions}
    ended = [call.decision_id for call in _read_calls(run) if _has_ended(run, call.decision_id)]
    return [decision_id in causes for decision_id in reversed(ended)]


def find_pending(run: Run) -> str | None:
    """Find the decision to retrain whose training has not come to an end, if there is one."""
    calls = _read_calls(run)
    return calls[-1].decision_id if calls and not _has_ended(run, calls[-1].decision_id) else None


def find_data_problem(run: Run) -> str | None:
    """Say what is wrong with the model rows by their newest check, if anything is."""
    with run.database.begin(writing=False) as connection:
        checks = read_runs(
            connection, project=run.spec.project, config=run.spec.config, step="check", until=run.at, limit=1
        )
    if not checks:
        return None
    return checks[0].error if checks[0].status == "failed" else (checks[0].result or {}).get("unfit_to_train")


def _read_calls(run: Run) -> list[Decision]:
    """Read the decisions to retrain before this moment, the oldest first; past moments only recorded theirs."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        calls = read_decisions(
            connection, spec.project, spec.config, subject="retrain", verdict="retrain", until=run.at
        )
    return [call for call in calls if not call.past]


def _has_ended(run: Run, cause: str) -> bool:
    rows = [row for row in _read_train_runs(run) if row.cause == cause]
    return any(row.status == "failed" or (row.step == "promote" and row.status == "done") for row in rows)


def _read_train_runs(run: Run) -> list[RunRow]:
    spec, steps = run.spec, list(KINDS["train"])

    def read() -> list[RunRow]:
        with run.database.begin(writing=False) as connection:
            return read_runs(connection, project=spec.project, config=spec.config, step=steps)

    return run.once(("trainings", spec.unit), read)
