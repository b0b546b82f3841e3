"""Evidence beside a training's MLflow run: walk-forward rows, golden rows, the training sample."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.spec import Spec
from service.step import Run
from service.tracking.tracking_error import EvidenceDamagedError

WALK_FORWARD, GOLDEN, SAMPLE = "walk_forward", "golden_rows", "training_sample"


@dataclass(frozen=True)
class GoldenRows:
    """Rows with the predictions that the model gave when it was fitted."""

    rows: pd.DataFrame
    predicted: NDArray[np.float64]


def find_informed(spec: Spec, since: datetime, at: datetime, times: "pd.Series[Any]") -> datetime:
    """Find the first refit of the evidence made at `at` that has learned enough of a change, by the `times` of rows.

    The world changed in the window that begins at `since`: it has by the window's end, and labels of later rows are
    known after their delay.
    """
    changed = since + timedelta(days=spec.monitoring.window_days)
    learned = times[times >= changed].nsmallest(spec.train.learned_since_change)
    known = max(changed, *learned.dt.to_pydatetime()) if len(learned) == spec.train.learned_since_change else at
    known += spec.data.label_delay
    every = timedelta(days=spec.train.refit_days)
    return at - (at - known) // every * every


def read_evidence(run: Run, mlflow_run: str) -> pd.DataFrame:
    """Read the walk-forward rows of a training."""
    return run.tracking.read_evidence(mlflow_run, WALK_FORWARD)


def read_golden_rows(run: Run, mlflow_run: str) -> GoldenRows:
    """Read the rows whose predictions a version must reproduce."""
    rows = run.tracking.read_evidence(mlflow_run, GOLDEN)
    given = [name for name in map(str, rows) if name.startswith("golden_")]
    return GoldenRows(rows.drop(columns=given), rows[given].to_numpy(float))


def read_training_sample(run: Run, mlflow_run: str) -> pd.DataFrame:
    """Read the newest rows that a version was trained on."""
    return run.tracking.read_evidence(mlflow_run, SAMPLE)


def find_damage(run: Run, mlflow_run: str) -> str | None:
    """Say which evidence of a training can't be read; without it nothing watches the version that it left."""
    try:
        read_evidence(run, mlflow_run)
        read_training_sample(run, mlflow_run)
    except EvidenceDamagedError as error:
        return str(error)
    return None


def keep_evidence(run: Run, frame: pd.DataFrame, metrics: dict[str, float]) -> None:
    """Keep the walk-forward rows and what they add up to beside the training that they speak of."""
    mlflow_run = run.result("train")["mlflow_run"]
    run.tracking.log_evidence(mlflow_run, frame, WALK_FORWARD)
    measured = {f"evidence_{name}": value for name, value in metrics.items() if np.isfinite(value)}
    run.tracking.log(mlflow_run, metrics=measured, of_model=True)
