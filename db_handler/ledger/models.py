"""Models in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import MODEL
from db_handler.rows.conditions import Record, given
from db_handler.rows.single_rows import list_rows, read_row, write_row


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
