"""The ledger's decisions: what was decided of a unit and why, first perhaps as an intent, then as done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import DECISION
from db_handler.rows.conditions import Record, bound, given
from db_handler.rows.single_rows import list_rows, read_row, write_row


def record_decision(
    connection: Connection,
    *,
    decision_id: str,
    project: str,
    config: str,
    at: datetime,
    subject: str,
    verdict: str,
    reasons: list[str],
    numbers: Mapping[str, Any],
    cause: str,
    decided_at: datetime,
    state: str = "done",
    version_before: int | None = None,
    version_after: int | None = None,
    past: bool = False,
) -> None:
    """Notes a decision under its id: first perhaps as an intent, then as done."""
    values = {name: value for name, value in locals().items() if name != "connection"}
    write_row(connection, DECISION, **values)


def read_decision(connection: Connection, decision_id: str) -> Record | None:
    """A decision by its id, None where there is none."""
    return read_row(connection, DECISION, decision_id=decision_id)


def read_decisions(
    connection: Connection,
    project: str,
    config: str | None = None,
    *,
    subject: str | None = None,
    verdict: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Record]:
    """Decisions for moments from `since` to before `until`, the oldest first."""
    return list_rows(
        connection,
        DECISION,
        where=given(project=project, config=config, subject=subject, verdict=verdict, state=state),
        since=bound(since),
        until=bound(until),
        order_by=("at", "decided_at", "decision_id"),
    )


def read_flips(connection: Connection, project: str, config: str) -> list[Record]:
    """The promotions and rollbacks of a unit that were carried out, the oldest first."""
    return list_rows(
        connection,
        DECISION,
        where={
            "project": project,
            "config": config,
            "subject": ["promotion", "rollback"],
            "verdict": ["promoted", "rolled_back"],
            "state": "done",
        },
        order_by=("at", "decided_at", "decision_id"),
    )
