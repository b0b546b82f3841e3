"""The ledger: which step ran with what result, which models there are, and what was measured."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db_handler.clock import TICK
from db_handler.ledger.ledger_tables import RUN
from db_handler.rows.conditions import Record, given
from db_handler.rows.single_rows import list_rows, read_row, write_row


def start_run(
    connection: Connection,
    *,
    run_id: str,
    project: str,
    config: str,
    kind: str,
    step: str,
    at: datetime,
    cause: str,
    started_at: datetime,
    worker: str | None = None,
) -> None:
    """Notes that a step has begun; done again at the same virtual now, it still counts as the newer one."""
    same = {"project": project, "config": config, "step": step, "at": at}
    earlier = list_rows(connection, RUN, where=same, order_by=("started_at",), descending=True, limit=1)
    if earlier:
        started_at = max(started_at, earlier[0]["started_at"] + TICK)
    unit = {"project": project, "config": config, "kind": kind, "step": step, "at": at, "cause": cause}
    write_row(connection, RUN, run_id=run_id, **unit, status="running", started_at=started_at, worker=worker)


def finish_run(
    connection: Connection,
    *,
    run_id: str,
    status: str,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
    seconds: float | None = None,
) -> None:
    """Notes how a begun step ended: done, not_yet or failed."""
    if read_row(connection, RUN, lock=True, run_id=run_id) is None:
        raise LookupError(f"the ledger has no run {run_id!r} that could be finished")
    write_row(connection, RUN, run_id=run_id, status=status, result=result, error=error, seconds=seconds)


def find_result(
    connection: Connection,
    *,
    project: str,
    config: str,
    step: str,
    at: datetime | None = None,
    cause: str | None = None,
) -> Record | None:
    """The newest done run of a step as its whole row (`run_id`, `at`, `cause`, `result`, ...), None without one."""
    where = given(project=project, config=config, step=step, at=at, cause=cause)
    found = list_rows(
        connection, RUN, where={**where, "status": "done"}, order_by=("at", "started_at"), descending=True, limit=1
    )
    return found[0] if found else None


def read_runs(
    connection: Connection,
    *,
    project: str,
    config: str | None = None,
    step: str | list[str] | None = None,
    status: str | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> list[Record]:
    """Steps that ran for moments up to `until`, the newest first."""
    return list_rows(
        connection,
        RUN,
        where=given(project=project, config=config, step=step, status=status),
        until=None if until is None else ("at", until + TICK),
        order_by=("at", "started_at"),
        descending=True,
        limit=limit,
    )


def last_at(
    connection: Connection, *, project: str, config: str, step: str, cause: str | None = None
) -> datetime | None:
    """The newest moment for which a step is done."""
    found = find_result(connection, project=project, config=config, step=step, cause=cause)
    return found["at"] if found else None
