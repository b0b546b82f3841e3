"""What a training hands over: trials, a registered version, and the rows that later steps hold it against."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from db_handler.ledger.models import ModelRow, find_model, record_model
from service.spec.targets import name_columns
from service.step import Run
from service.step.answer_rows import need_columns
from service.step.golden_raw import GOLDEN_RAW, keep_golden_raw
from service.step.results import TrainResult
from service.tracking.register_model import Training, register_model
from service.tracking.registry import set_alias
from service.training.evidence import GOLDEN, SAMPLE

if TYPE_CHECKING:
    import pandas as pd


GOLDEN_ROWS = 64  # rows whose predictions a version must reproduce whenever it is loaded again
SAMPLE_ROWS = 1080  # rows of the unit's own that drift is measured against
EXAMPLE_ROWS = 5


def open_mlflow_run(run: Run) -> str:
    """Open this step's MLflow run at its first use; it ends with the step, as finished or as failed."""
    if run.mlflow_run is None:
        spec = run.spec
        opened = run.tracking.start_run(
            project=spec.project, config=spec.config, kind=run.kind, at=run.at, cause=run.cause
        )
        run.mlflow_run = run.closing.enter_context(opened)
    return run.mlflow_run


def record_trial(run: Run, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
    """Record one trial as a run below this training's."""
    run.tracking.log_trial(open_mlflow_run(run), params, metrics)


def find_same_model(run: Run, rows: "pd.DataFrame") -> TrainResult | None:
    """Find the version that the same training left: the same rows, recipe, moment and cause need no other."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        row = find_model(
            connection,
            project=spec.project,
            config=spec.config,
            data_hash=hash_rows(rows),
            recipe_hash=spec.recipe_hash,
            at=run.at,
            cause=run.cause,
        )
    return summarise(row, rows) if row else None


def keep_model(
    run: Run,
    model: Mapping[str, Any],
    *,
    rows: "pd.DataFrame",
    training_end: datetime,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    raw: "pd.DataFrame | None" = None,
) -> TrainResult:
    """Log and register a fitted model, note it in the ledger, and call it the unit's challenger.

    `raw` are the raw rows of a series that its newest rows are made of.
    """
    spec, mlflow_run, tracking = run.spec, open_mlflow_run(run), run.tracking
    own = choose_own_rows(run, rows)
    golden, data_hash = own.tail(GOLDEN_ROWS), hash_rows(rows)
    predicted = run.project.predict_rows(model, golden)
    need_columns(spec, predicted)
    odds = predicted[name_columns(spec.data, "predicted")]
    tracking.log_evidence(mlflow_run, golden.join(odds.add_prefix("golden_")), GOLDEN)
    tracking.log_evidence(mlflow_run, own.tail(SAMPLE_ROWS), SAMPLE)
    made_by = keep_golden_raw(run, mlflow_run, golden, model, raw)
    tracking.log(mlflow_run, params=params, metrics={**metrics, "rows": len(rows)})
    tracking.log_dataset(mlflow_run, spec.data.features.name, rows, data_hash)
    training = Training(
        at=run.at,
        cause=run.cause,
        data_hash=data_hash,
        recipe_hash=spec.recipe_hash,
        training_end=training_end,
        baselines=dict(metrics),
    )
    inputs, outputs = golden.head(EXAMPLE_ROWS), predicted.head(EXAMPLE_ROWS)
    version = register_model(tracking, spec.unit, mlflow_run, model, training, inputs=inputs, outputs=outputs)
    row = ModelRow(
        project=spec.project,
        config=spec.config,
        version=version.version,
        mlflow_run=version.run_id,
        training_start=rows[spec.data.target_slot].min(),
        recipe={**spec.recipe(), "chosen": dict(params), GOLDEN_RAW: made_by},
        files=version.files,
        metrics=dict(metrics),
        **vars(training),
    )
    run.commit(lambda connection: record_model(connection, row))
    set_alias(tracking, spec.unit, "challenger", version.version)
    return summarise(row, rows)


def choose_own_rows(run: Run, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Choose the rows of the unit itself from those of all that train it."""
    own = np.ones(len(rows), dtype=bool)
    for column, value in run.spec.data.where_in(run.spec.data.features).items():
        own &= (rows[column] == value).to_numpy()
    return rows[own].sort_values(run.spec.data.target_slot)


def hash_rows(rows: "pd.DataFrame") -> str:
    """Hash rows by their values, columns by name, whatever their index."""
    from pandas.util import hash_pandas_object

    ordered = rows[sorted(rows.columns)]
    digest = hashlib.sha256("\x1f".join(ordered.columns).encode())
    digest.update(hash_pandas_object(ordered, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def summarise(row: ModelRow, rows: "pd.DataFrame") -> TrainResult:
    """Say in plain values what a training left."""
    return TrainResult(
        version=row.version,
        mlflow_run=row.mlflow_run,
        rows=len(rows),
        training_end=row.training_end.isoformat(),
        data_hash=row.data_hash,
        chosen=row.recipe["chosen"],
    )
