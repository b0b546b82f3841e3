"""The ledger: which step ran with what result, which models there are, and what was measured."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from db_handler.frames import read_rows
from db_handler.ledger_tables import METRIC, MODEL, RUN
from db_handler.rows import list_rows, read_row, write_row

Record = dict[str, Any]
# The smallest step between two stored moments: "before the next tick" is "up to this one".
TICK = timedelta(microseconds=1)


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


def record_model(
    connection: Connection,
    *,
    project: str,
    config: str,
    version: int,
    mlflow_run: str,
    at: datetime,
    cause: str,
    training_start: datetime,
    training_end: datetime,
    data_hash: str,
    recipe: Mapping[str, Any],
    recipe_hash: str,
    files: Mapping[str, Any],
    metrics: Mapping[str, Any] | None = None,
    baselines: Mapping[str, Any] | None = None,
) -> None:
    """Notes a registered model version; noted again, it is the same row."""
    values = {name: value for name, value in locals().items() if name != "connection"}
    write_row(connection, MODEL, **values)


def read_model(connection: Connection, *, project: str, config: str, version: int) -> Record | None:
    """A model version, None where there is none."""
    return read_row(connection, MODEL, project=project, config=config, version=version)


def find_model(
    connection: Connection,
    *,
    project: str,
    config: str,
    data_hash: str | None = None,
    recipe_hash: str | None = None,
    at: datetime | None = None,
    cause: str | None = None,
) -> Record | None:
    """The newest version of a unit that was trained so: the same data and recipe need no other."""
    trained = given(data_hash=data_hash, recipe_hash=recipe_hash, at=at, cause=cause)
    where = {"project": project, "config": config, **trained}
    found = list_rows(connection, MODEL, where=where, order_by=("version",), descending=True, limit=1)
    return found[0] if found else None


def record_metrics(
    connection: Connection,
    *,
    project: str,
    config: str,
    at: datetime,
    values: Mapping[str, float | None],
    version: int | None = None,
) -> None:
    """Notes metrics of a unit for a moment, one row a name."""
    for name, value in values.items():
        write_row(connection, METRIC, project=project, config=config, at=at, name=name, value=value, version=version)


def read_metrics(
    connection: Connection,
    project: str,
    config: str | None = None,
    *,
    name: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """Metrics for moments from `since` to before `until`, in the order of their moments."""
    return read_rows(
        connection,
        METRIC,
        where=given(project=project, config=config, name=name),
        since=bound(since),
        until=bound(until),
        order_by=("at", "config", "name"),
    )


def bound(moment: datetime | None) -> tuple[str, datetime] | None:
    """A bound on `at`, none where there is no moment."""
    return None if moment is None else ("at", moment)


def given(**conditions: Any) -> Record:
    """The conditions that were given."""
    return {name: value for name, value in conditions.items() if value is not None}
