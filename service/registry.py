"""The registry: versions and aliases of a unit, and models that are what was logged."""

import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from service.artifact import ModelDamagedError, read_model
from service.register_model import FOLDER, register_model
from service.tracking import Tracking
from service.tracking_error import explain_mlflow
from service.versions import Version, find_version, missing_is_none, read_version

__all__ = [
    "Version", "delete_alias", "find_version", "load_model", "read_alias", "read_version", "register_model", "set_alias"
]  # fmt: skip


def read_alias(tracking: Tracking, unit: str, alias: str) -> int | None:
    """Say which version an alias points to."""
    with explain_mlflow(tracking.place), missing_is_none(tracking, unit) as answer:
        answer.append(int(tracking.client.get_model_version_by_alias(unit, alias).version))
    return answer[0] if answer else None


def set_alias(tracking: Tracking, unit: str, alias: str, version: int) -> None:
    """Point an alias at a version, in one step."""
    with explain_mlflow(tracking.place):
        tracking.client.set_registered_model_alias(unit, alias, str(version))


def delete_alias(tracking: Tracking, unit: str, alias: str) -> None:
    """Take an alias away, if it is there."""
    with explain_mlflow(tracking.place), missing_is_none(tracking, unit):
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
    asked = {"artifact_uri": f"{place}/artifacts/{FOLDER}", "dst_path": str(folder), "tracking_uri": tracking.uri}
    with missing_is_none(tracking, known.unit) as answer:
        answer.append(mlflow.artifacts.download_artifacts(**asked))
    if not answer:
        raise ModelDamagedError(f"{known.unit} version {known.version}: its files are gone from {place}; train again")
    return Path(answer[0])
