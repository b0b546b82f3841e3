"""Metrics in the ledger: what was measured of a unit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import METRIC
from db_handler.rows.conditions import bound, given
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import write_row


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number about a unit at a moment; `version` is the champion that it speaks of."""

    project: str
    config: str
    at: datetime
    name: str
    value: float | None
    version: int | None = None


def record_metrics(connection: Connection, metrics: Iterable[Metric]) -> None:
    """Note metrics, one row each."""
    for metric in metrics:
        write_row(connection, METRIC, **vars(metric))


def read_metrics(
    connection: Connection,
    project: str,
    config: str | None = None,
    *,
    name: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """Read metrics for moments from `since` to before `until`, in the order of their moments."""
    where, order = given(project=project, config=config, name=name), ("at", "config", "name")
    return read_rows(connection, METRIC, where=where, since=bound(since), until=bound(until), order_by=order)
