"""Metrics in the ledger."""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import METRIC
from db_handler.rows.conditions import bound, given
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import write_row


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
