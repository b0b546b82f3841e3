"""The names of decisions, and how one is written."""

from collections.abc import Mapping
from typing import Any

from db_handler.ledger.decisions import Decision, record_decision
from service.step import Run

DAMAGED = "champion_damaged"  # the number of a promotion whose champion before could not be loaded


def name_decision(run: Run, *parts: object) -> str:
    """Name a decision by unit, moment and subject, so that a step that runs again decides under the same name.

    >>> name_decision(run, "retrain")
    'crypto_forecast.btc:20250306T000500:retrain'
    """
    return ":".join([run.spec.unit, f"{run.at:%Y%m%dT%H%M%S}", *map(str, parts)])


def make_decision(
    run: Run,
    decision_id: str,
    *,
    subject: str,
    verdict: str,
    reasons: list[str],
    numbers: Mapping[str, Any],
    versions: tuple[int | None, int | None] = (None, None),
    state: str = "done",
) -> Decision:
    """Make a decision of this run's unit and moment; `versions` are the champion before and after it."""
    return Decision(
        decision_id=decision_id, project=run.spec.project, config=run.spec.config, at=run.at, subject=subject,
        verdict=verdict, reasons=reasons, numbers=numbers, cause=run.cause, decided_at=run.now, state=state,
        version_before=versions[0], version_after=versions[1], past=run.is_past,
    )  # fmt: skip


def save_decision(run: Run, decision: Decision) -> Decision:
    """Write a decision to the ledger and answer with it."""
    run.commit(lambda connection: record_decision(connection, decision))
    return decision
