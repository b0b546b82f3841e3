"""The registry: one version for each training of a unit, aliases, and models that are what was logged."""

import hashlib
import json
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service.artifact import ModelDamagedError, read_model, write_model
from service.mlflow_store import point_mlflow_at
from service.moment import write_at
from service.provenance import pin_libraries, read_provenance
from service.tracking import Tracking
from service.tracking_error import explain_mlflow

if TYPE_CHECKING:
    import pandas as pd

SCRIPT = Path(__file__).with_name("pyfunc_model.py")
FOLDER = "model"
NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


@dataclass(frozen=True)
class Version:
    """What the registry knows of one version of a unit's model."""

    unit: str
    version: int
    run_id: str
    files: dict[str, str]
    tags: dict[str, str]


def register_model(
    tracking: Tracking,
    unit: str,
    run_id: str,
    model: Mapping[str, Any],
    *,
    inputs: "pd.DataFrame",
    outputs: "pd.DataFrame",
    at: datetime,
    cause: str,
    training_end: datetime,
    data_hash: str,
    recipe_hash: str,
    baselines: Mapping[str, float] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Version:
    """Log a model and register it; the same training, done again after a kill, answers with the version that is there.

    `inputs` and `outputs` are example rows, from which the signature is read.
    """
    training = {"at": write_at(at), "cause": cause, "data_hash": data_hash, "recipe_hash": recipe_hash}
    identity = hashlib.sha256(json.dumps([unit, *training.values()]).encode()).hexdigest()
    found = find_version(tracking, unit, identity=identity) or find_version(tracking, unit, run_id=run_id)
    if found is not None:
        return found
    with tempfile.TemporaryDirectory() as folder, explain_mlflow(tracking.place):
        files = write_model(Path(folder) / FOLDER, model)
        told = {
            **training,
            "training_end": write_at(training_end),
            "identity": identity,
            "files": json.dumps(files),
            "baselines": json.dumps(baselines or {}),
            **read_provenance(),
            **(tags or {}),
        }
        with _reopen_run(tracking, run_id):
            logged = _log_model(unit, Path(folder) / FOLDER, inputs, outputs)
            return _create_version(tracking, unit, run_id, logged, told)


def find_version(
    tracking: Tracking, unit: str, *, run_id: str | None = None, identity: str | None = None
) -> Version | None:
    """Find the version that a run or a training left."""
    asked = f"run_id = '{run_id}'" if identity is None else f"tags.identity = '{identity}'"
    with explain_mlflow(tracking.place):
        found = tracking.client.search_model_versions(f"name = '{unit}' and {asked}", max_results=1)
    return _describe(found[0]) if found else None


def read_version(tracking: Tracking, unit: str, version: int) -> Version | None:
    """Read what the registry knows of a version."""
    with explain_mlflow(tracking.place), _missing_is_none() as answer:
        answer.append(_describe(tracking.client.get_model_version(unit, str(version))))
    return answer[0] if answer else None


def read_alias(tracking: Tracking, unit: str, alias: str) -> int | None:
    """Say which version an alias points to."""
    with explain_mlflow(tracking.place), _missing_is_none() as answer:
        answer.append(int(tracking.client.get_model_version_by_alias(unit, alias).version))
    return answer[0] if answer else None


def set_alias(tracking: Tracking, unit: str, alias: str, version: int) -> None:
    """Point an alias at a version, in one step."""
    with explain_mlflow(tracking.place):
        tracking.client.set_registered_model_alias(unit, alias, str(version))


def delete_alias(tracking: Tracking, unit: str, alias: str) -> None:
    """Take an alias away, if it is there."""
    with explain_mlflow(tracking.place), _missing_is_none():
        tracking.client.delete_registered_model_alias(unit, alias)


def load_model(tracking: Tracking, unit: str, version: int, *, fresh: bool = False) -> dict[str, Any]:
    """Load a model of which every file is what its version says; once a process, unless it must be fresh."""
    if fresh:
        return _load(tracking, unit, version)
    return _load_once(tracking, unit, version)


def _load(tracking: Tracking, unit: str, version: int) -> dict[str, Any]:
    known = read_version(tracking, unit, version)
    name = f"{unit} version {version}"
    if known is None or not known.files:
        raise ModelDamagedError(f"{name}: the registry has no such version, or not the hashes of its files")
    with tempfile.TemporaryDirectory() as folder, explain_mlflow(tracking.place):
        return read_model(_download(tracking, known, Path(folder)), known.files, name=name)


_load_once = lru_cache(maxsize=16)(_load)


def _download(tracking: Tracking, known: Version, folder: Path) -> Path:
    import mlflow

    place = tracking.client.get_model_version_download_uri(known.unit, str(known.version)).rstrip("/")
    with _missing_is_none() as answer:
        answer += [
            mlflow.artifacts.download_artifacts(f"{place}/artifacts/{FOLDER}", None, None, str(folder), tracking.uri)
        ]
    if not answer:
        raise ModelDamagedError(f"{known.unit} version {known.version}: its files are gone from {place}; train again")
    return Path(answer[0])


@contextmanager
def _reopen_run(tracking: Tracking, run_id: str) -> Iterator[None]:
    # MLflow logs a model into the run that is active in this thread; it ends FAILED if the registration fails.
    import mlflow

    point_mlflow_at(tracking.uri)
    with mlflow.start_run(run_id=run_id):
        yield


def _log_model(unit: str, folder: Path, inputs: "pd.DataFrame", outputs: "pd.DataFrame") -> Any:
    import mlflow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on examples and integers; rows are checked before they come here
        return mlflow.pyfunc.log_model(
            name="model",
            python_model=str(SCRIPT),
            artifacts={FOLDER: str(folder)},
            model_config={"project": unit.split(".")[0]},
            signature=mlflow.models.infer_signature(inputs, outputs),
            pip_requirements=list(pin_libraries()),
        )


def _create_version(tracking: Tracking, unit: str, run_id: str, logged: Any, tags: dict[str, str]) -> Version:
    from mlflow.exceptions import MlflowException

    try:
        tracking.client.create_registered_model(unit)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    created = tracking.client.create_model_version(
        unit, source=logged.model_uri, run_id=run_id, model_id=logged.model_id, tags=tags
    )
    return _describe(created)


def _describe(found: Any) -> Version:
    tags = dict(found.tags)
    return Version(found.name, int(found.version), found.run_id, json.loads(tags.get("files", "{}")), tags)


@contextmanager
def _missing_is_none() -> Iterator[list[Any]]:
    """Collect an answer; the list stays empty where MLflow has none."""
    from mlflow.exceptions import MlflowException

    answer: list[Any] = []
    try:
        yield answer
    except MlflowException as error:
        if error.error_code not in NOT_THERE:
            raise
