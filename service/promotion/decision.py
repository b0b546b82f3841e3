"""The names of decisions, and how one is written."""

from db_handler.ledger.decisions import Decision, record_decision
from service.step import Run


def name_decision(run: Run, *parts: object) -> str:
    """Name a decision by unit, moment and subject, so that a step that runs again decides under the same name.

    >>> name_decision(run, "retrain")
    'crypto_forecast.btc:20250306T000500:retrain'
    """
    return ":".join([run.spec.unit, f"{run.at:%Y%m%dT%H%M%S}", *map(str, parts)])


def save_decision(run: Run, decision: Decision) -> Decision:
    """Write a decision to the ledger and answer with it."""
    run.commit(lambda connection: record_decision(connection, decision))
    return decision
