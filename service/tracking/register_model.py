"""Log a model and register it: exactly one version for each training, however often it is done again."""

import hashlib
import json
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from service.contract.moment import write_at
from service.tracking.artifact import FOLDER, read_libraries, write_model
from service.tracking.libraries import pin_versions
from service.tracking.mlflow_store import point_mlflow_at
from service.tracking.provenance import read_provenance
from service.tracking.registry import Version, describe, find_version
from service.tracking.tracking import Tracking
from service.tracking.tracking_error import explain_mlflow

SCRIPT = Path(__file__).with_name("pyfunc_model.py")


@dataclass(frozen=True)
class Training:
    """What a version was trained on and why; all but `training_end` and `baselines` names the training."""

    at: datetime
    cause: str
    data_hash: str
    recipe_hash: str
    training_end: datetime
    baselines: dict[str, float]

    @property
    def identity(self) -> dict[str, str]:
        return {
            "at": write_at(self.at),
            "cause": self.cause,
            "data_hash": self.data_hash,
            "recipe_hash": self.recipe_hash,
        }


def register_model(
    tracking: Tracking,
    unit: str,
    run_id: str,
    model: Mapping[str, Any],
    training: Training,
    *,
    inputs: pd.DataFrame,
    outputs: pd.DataFrame,
) -> Version:
    """Log a model and register it; the same training, done again after a kill, returns the existing version.

    `inputs` and `outputs` are example rows, from which the signature is read.
    """
    import mlflow

    identity = hashlib.sha256(json.dumps([unit, *training.identity.values()]).encode()).hexdigest()
    version = find_version(tracking, unit, identity=identity) or find_version(tracking, unit, run_id=run_id)
    if version is not None:
        return version
    with tempfile.TemporaryDirectory() as folder, explain_mlflow(tracking.place):
        files = write_model(Path(folder) / FOLDER, model)
        version_tags = {
            **training.identity,
            "training_end": write_at(training.training_end),
            "identity": identity,
            "files": json.dumps(files),
            "baselines": json.dumps(training.baselines),
            **read_provenance(),
        }
        point_mlflow_at(tracking.uri)
        # MLflow logs a model into the run that is active in this thread; it ends FAILED if the registration fails.
        with mlflow.start_run(run_id=run_id):
            logged = _log_model(unit, Path(folder) / FOLDER, inputs, outputs)
            return _create_version(tracking, unit, run_id, logged, version_tags)


def _log_model(unit: str, folder: Path, inputs: pd.DataFrame, outputs: pd.DataFrame) -> Any:
    import mlflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on examples and integers; rows are checked before they come here
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(SCRIPT),
            artifacts={FOLDER: str(folder)},
            model_config={"project": unit.split(".")[0]},
            signature=_read_signature(inputs, outputs),
            pip_requirements=pin_versions(read_libraries(folder)),
        )


def _read_signature(inputs: pd.DataFrame, outputs: pd.DataFrame) -> Any:
    # MLflow refuses times that know their zone and integers that may be missing, so those pass unchecked.
    from mlflow.models import ModelSignature, infer_signature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    signature = infer_signature(inputs, outputs)
    anything = AnyType()  # type: ignore[no-untyped-call]
    checked = [isinstance(dtype, np.dtype) and dtype.kind in "fiubO" for dtype in inputs.dtypes]
    columns = [
        column if check else ColSpec(anything, column.name, column.required)
        for column, check in zip(signature.inputs, checked, strict=True)
    ]
    return ModelSignature(inputs=Schema(columns), outputs=signature.outputs)


def _create_version(tracking: Tracking, unit: str, run_id: str, logged: Any, tags: dict[str, str]) -> Version:
    from mlflow.exceptions import MlflowException

    description = f"Trained for {tags['at']} on rows until {tags['training_end']}, called for by {tags['cause']}."
    try:
        tracking.client.create_registered_model(unit, description=f"Every version of {unit}; champion is what serves.")
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    created = tracking.client.create_model_version(
        unit, source=logged.model_uri, run_id=run_id, model_id=logged.model_id, tags=tags, description=description
    )
    return describe(created)
