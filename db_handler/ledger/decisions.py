"""Decisions in the ledger: what was decided of a unit and why, first perhaps as an intent, then as done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import DECISION
from db_handler.rows.conditions import bound, given
from db_handler.rows.single_rows import list_rows, read_row, write_row

ORDER = ("at", "decided_at", "decision_id")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A promotion, a rollback, or monitoring's answer about a retrain."""

    decision_id: str
    project: str
    config: str
    at: datetime
    subject: str
    verdict: str
    reasons: list[str]
    numbers: Mapping[str, Any]
    cause: str
    decided_at: datetime
    state: str = "done"
    version_before: int | None = None
    version_after: int | None = None
    past: bool = False


def record_decision(connection: Connection, decision: Decision) -> None:
    """Note a decision under its id, in place of the one that stood there."""
    write_row(connection, DECISION, **vars(decision))


def record_decisions(connection: Connection, decisions: Iterable[Decision]) -> None:
    """Note several decisions that stand or fall together."""
    for decision in decisions:
        record_decision(connection, decision)


def read_decision(connection: Connection, decision_id: str) -> Decision | None:
    """Read a decision by its id, if it is there."""
    row = read_row(connection, DECISION, decision_id=decision_id)
    return Decision(**row) if row else None


def read_decisions(
    connection: Connection,
    project: str,
    config: str | None = None,
    *,
    subject: str | list[str] | None = None,
    verdict: str | list[str] | None = None,
    state: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Decision]:
    """Read decisions for moments from `since` to before `until`, the oldest first."""
    where = given(project=project, config=config, subject=subject, verdict=verdict, state=state)
    rows = list_rows(connection, DECISION, where=where, since=bound(since), until=bound(until), order_by=ORDER)
    return [Decision(**row) for row in rows]


def read_flips(connection: Connection, project: str, config: str) -> list[Decision]:
    """Read the promotions and rollbacks of a unit that were carried out, the oldest first."""
    subjects, verdicts = ["promotion", "rollback"], ["promoted", "rolled_back"]
    return read_decisions(connection, project, config, subject=subjects, verdict=verdicts, state="done")
