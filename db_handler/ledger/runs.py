"""Runs in the ledger: which step ran for which moment, with what result."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db_handler.clock import TICK
from db_handler.ledger.ledger_tables import RUN
from db_handler.rows.conditions import given
from db_handler.rows.single_rows import list_rows, read_row, write_row


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One run of one step of a unit; `result` or `error` is there once it has ended."""

    run_id: str
    project: str
    config: str
    kind: str
    step: str
    at: datetime
    cause: str
    started_at: datetime
    status: str = "running"
    result: Mapping[str, Any] | None = None
    error: str | None = None
    seconds: float | None = None
    worker: str | None = None


def start_run(connection: Connection, row: RunRow) -> RunRow:
    """Note that a step has begun; done again at the same virtual now, it still counts as the newer one."""
    same = {"project": row.project, "config": row.config, "step": row.step, "at": row.at}
    earlier = list_rows(connection, RUN, where=same, order_by=("-started_at",), limit=1)
    if earlier:
        row = replace(row, started_at=max(row.started_at, earlier[0]["started_at"] + TICK))
    write_row(connection, RUN, **vars(row))
    return row


def finish_run(connection: Connection, row: RunRow) -> None:
    """Note how a begun step ended: done, not_yet or failed."""
    if read_row(connection, RUN, lock=True, run_id=row.run_id) is None:
        raise LookupError(f"the ledger has no run {row.run_id!r} that could be finished")
    write_row(connection, RUN, **vars(row))


def find_result(
    connection: Connection,
    *,
    project: str,
    config: str,
    step: str,
    at: datetime | None = None,
    cause: str | None = None,
) -> RunRow | None:
    """Find the newest done run of a step."""
    where = given(project=project, config=config, step=step, at=at, cause=cause, status="done")
    rows = list_rows(connection, RUN, where=where, order_by=("-at", "-started_at"), limit=1)
    return RunRow(**rows[0]) if rows else None


def read_runs(
    connection: Connection,
    *,
    project: str,
    config: str | None = None,
    step: str | list[str] | None = None,
    status: str | list[str] | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> list[RunRow]:
    """Read the runs for moments up to `until`, the newest first."""
    rows = list_rows(
        connection,
        RUN,
        where=given(project=project, config=config, step=step, status=status),
        until=None if until is None else ("at", until + TICK),
        order_by=("-at", "-started_at"),
        limit=limit,
    )
    return [RunRow(**row) for row in rows]
