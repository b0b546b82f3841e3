"""Decisions as rows of the ledger: one form for a promotion, a rollback and the answer of a check."""

from typing import Any

from db_handler.ledger.decisions import record_decision
from service.step import Run

Decision = dict[str, Any]


def name_decision(run: Run, *parts: object) -> str:
    """Name a decision by unit, moment and subject, so that a step that runs again decides under the same name.

    >>> name_decision(run, "retrain")
    'crypto_forecast.btc:20250306T000500:retrain'
    """
    return ":".join([run.spec.unit, f"{run.at:%Y%m%dT%H%M%S}", *map(str, parts)])


def save_decision(run: Run, decision_id: str, **changes: Any) -> Decision:
    """Write a new decision of this run, or `changes` of one that is there, and answer with it."""
    decision = {
        "decision_id": decision_id,
        "project": run.spec.project,
        "config": run.spec.config,
        "at": run.at,
        "cause": run.cause,
        "past": run.is_past,
        "decided_at": run.now,
        **changes,
    }
    run.database.retry(lambda connection: record_decision(connection, **decision))
    return decision
