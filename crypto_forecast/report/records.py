"""The records behind the report and the closing table, read once from the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, read_decisions
from db_handler.ledger.ledger_tables import GAP, RUN
from db_handler.ledger.metrics import read_metrics
from db_handler.ledger.models import ModelRow, read_models
from db_handler.rows.frames import read_rows
from db_handler.tables.ensure_table import ensure_table
from db_handler.tables.table import Table
from service.spec import Spec

CANDLE = ["slot", "opening_price", "high_price", "low_price", "trade_price"]


@dataclass(frozen=True)
class Records:
    """What the loop left behind; every frame of a project's table carries the name of its config."""

    project: str
    specs: Mapping[str, Spec]
    change: datetime | None
    candles: pd.DataFrame
    features: pd.DataFrame
    predictions: pd.DataFrame
    performance: pd.DataFrame
    gaps: pd.DataFrame
    models: list[ModelRow]
    decisions: list[Decision]
    metrics: pd.DataFrame
    runs: pd.DataFrame


def read_records(database: Database, specs: Mapping[str, Spec], change: datetime | None) -> Records:
    """Read what the loop left behind for these configs of one project."""
    project = next(iter(specs.values())).project
    ours = {"project": project, "config": list(specs)}
    with database.begin(writing=False) as connection:
        models = read_models(connection, project, list(specs))
        decisions = [d for d in read_decisions(connection, project) if d.config in specs]
        metrics = read_metrics(connection, project)
        gaps = read_rows(connection, GAP, where={"project": project, "closed_at": None})
        runs = read_rows(connection, RUN, where=ours, columns=["kind", "step", "config", "status", "seconds"])
    return Records(
        project=project,
        specs=specs,
        change=change,
        candles=_read_each(database, specs, lambda spec: spec.data.raw, CANDLE),
        features=_read_each(database, specs, lambda spec: spec.data.features, ["target_slot", "target"]),
        predictions=_read_each(database, specs, lambda spec: spec.data.predictions),
        performance=_read_each(database, specs, lambda spec: spec.data.performance),
        gaps=gaps,
        models=models,
        decisions=decisions,
        metrics=metrics[metrics["config"].isin(list(specs))],
        runs=runs,
    )


def _read_each(
    database: Database, specs: Mapping[str, Spec], pick: Callable[[Spec], Table], columns: list[str] | None = None
) -> pd.DataFrame:
    frames = []
    for name, spec in specs.items():
        ensure_table(database, pick(spec))
        with database.begin(writing=False) as connection:
            frame = read_rows(connection, pick(spec), where=spec.data.where, columns=columns)
        frames.append(frame.assign(config=name))
    return pd.concat(frames, ignore_index=True)
