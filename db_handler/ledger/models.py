"""Models in the ledger: the versions of each unit, and what each was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db_handler.ledger.ledger_tables import MODEL
from db_handler.rows.conditions import given
from db_handler.rows.single_rows import list_rows, write_row


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One registered version of a unit's model; `files` are the hashes of its files by name."""

    project: str
    config: str
    version: int
    mlflow_run: str
    at: datetime
    cause: str
    training_start: datetime
    training_end: datetime
    data_hash: str
    recipe: Mapping[str, Any]
    recipe_hash: str
    files: Mapping[str, Any]
    metrics: Mapping[str, Any] | None = None
    baselines: Mapping[str, Any] | None = None


def record_model(connection: Connection, row: ModelRow) -> None:
    """Note a registered model version; noted again, it is the same row."""
    write_row(connection, MODEL, **vars(row))


def read_models(connection: Connection, project: str, configs: list[str]) -> list[ModelRow]:
    """Read all versions of some units of a project, the oldest first."""
    where = {"project": project, "config": configs}
    return [ModelRow(**row) for row in list_rows(connection, MODEL, where=where, order_by=("at", "config", "version"))]


def find_model(
    connection: Connection,
    *,
    project: str,
    config: str,
    version: int | None = None,
    data_hash: str | None = None,
    recipe_hash: str | None = None,
    at: datetime | None = None,
    cause: str | None = None,
) -> ModelRow | None:
    """Find the version of a unit with this number, or the newest that was trained so."""
    unit = {"project": project, "config": config, "version": version}
    where = given(**unit, data_hash=data_hash, recipe_hash=recipe_hash, at=at, cause=cause)
    rows = list_rows(connection, MODEL, where=where, order_by=("-version",), limit=1)
    return ModelRow(**rows[0]) if rows else None
