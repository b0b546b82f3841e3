"""The registry: versions and aliases of a unit, and models that are what was logged."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from service.tracking.artifact import FOLDER, ModelDamagedError, read_model
from service.tracking.tracking import Tracking
from service.tracking.tracking_error import TrackingError, explain_mlflow

CHAMPION = "champion"  # the alias of the version that serves
PREVIOUS = "previous_champion"
NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


@dataclass(frozen=True)
class Version:
    """One version of a unit's model in the registry."""

    unit: str
    version: int
    run_id: str
    files: dict[str, str]
    tags: dict[str, str]


def read_alias(tracking: Tracking, unit: str, alias: str) -> int | None:
    """Say which version an alias points to."""
    version = _ask(tracking, unit, tracking.client.get_model_version_by_alias, unit, alias)
    return None if version is None else int(version.version)


def set_alias(tracking: Tracking, unit: str, alias: str, version: int) -> None:
    """Point an alias at a version, in one step."""
    with explain_mlflow(tracking.place):
        tracking.client.set_registered_model_alias(unit, alias, str(version))


def load_model(tracking: Tracking, unit: str, version: int, *, fresh: bool = False) -> dict[str, Any]:
    """Load a model and verify each file by its hash; once a process, unless it must be fresh."""
    load = _load if fresh else _load_once
    return load(tracking, unit, version)


def _load(tracking: Tracking, unit: str, version: int) -> dict[str, Any]:
    described = read_version(tracking, unit, version)
    name = f"{unit} version {version}"
    if described is None or not described.files:
        raise ModelDamagedError(f"{name}: the registry has no such version, or not the hashes of its files")
    with tempfile.TemporaryDirectory() as folder, explain_mlflow(tracking.place):
        return read_model(_download(tracking, described, Path(folder)), described.files, name=name)


_load_once = lru_cache(maxsize=16)(_load)


def _download(tracking: Tracking, version: Version, folder: Path) -> Path:
    import mlflow

    place = tracking.client.get_model_version_download_uri(version.unit, str(version.version)).rstrip("/")
    source, download = f"{place}/artifacts/{FOLDER}", mlflow.artifacts.download_artifacts
    try:
        path = _ask(tracking, version.unit, download, source, dst_path=str(folder), tracking_uri=tracking.uri)
    except TrackingError:
        if not _is_gone(tracking, version, source):
            raise
        path = None
    if path is None:
        name = f"{version.unit} version {version.version}"
        raise ModelDamagedError(f"{name}: its files are gone from {place}; train again")
    return Path(path)


def _is_gone(tracking: Tracking, version: Version, source: str) -> bool:
    """Say whether nothing lies there: a server calls a folder that is gone an error of its own, as it does any."""
    import mlflow

    listing = mlflow.artifacts.list_artifacts
    return not _ask(tracking, version.unit, listing, artifact_uri=source, tracking_uri=tracking.uri)


def find_version(
    tracking: Tracking, unit: str, *, run_id: str | None = None, identity: str | None = None
) -> Version | None:
    """Find the version that a run or a training left."""
    condition = f"run_id = '{run_id}'" if identity is None else f"tags.identity = '{identity}'"
    with explain_mlflow(tracking.place):
        versions = tracking.client.search_model_versions(f"name = '{unit}' and {condition}", max_results=1)
    return describe(versions[0]) if versions else None


def read_version(tracking: Tracking, unit: str, version: int) -> Version | None:
    """Read a version from the registry."""
    answer = _ask(tracking, unit, tracking.client.get_model_version, unit, str(version))
    return describe(answer) if answer else None


def describe(version: Any) -> Version:
    """Read MLflow's own description of a version."""
    tags = dict(version.tags)
    return Version(version.name, int(version.version), version.run_id, json.loads(tags.get("files", "{}")), tags)


def _ask(tracking: Tracking, unit: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call MLflow about a unit's model; None where it has no such model."""
    from mlflow.exceptions import MlflowException

    with explain_mlflow(tracking.place):
        try:
            return call(*arguments, **named)
        except MlflowException as error:
            if error.error_code in NOT_THERE or _is_refused_for_missing(tracking, unit, error.error_code):
                return None
            raise


def _is_refused_for_missing(tracking: Tracking, unit: str, code: str) -> bool:
    """Say whether a server with accounts refused only because there is no such model to have a right to."""
    from mlflow.exceptions import MlflowException

    if code != "PERMISSION_DENIED":
        return False
    try:
        tracking.client.get_registered_model(unit)
    except MlflowException as error:
        return error.error_code in NOT_THERE
    return False
