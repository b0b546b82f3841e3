"""What the registry knows of the versions of a unit's model."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from service.tracking import Tracking
from service.tracking_error import explain_mlflow

NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


@dataclass(frozen=True)
class Version:
    """What the registry knows of one version of a unit's model."""

    unit: str
    version: int
    run_id: str
    files: dict[str, str]
    tags: dict[str, str]


def find_version(
    tracking: Tracking, unit: str, *, run_id: str | None = None, identity: str | None = None
) -> Version | None:
    """Find the version that a run or a training left."""
    asked = f"run_id = '{run_id}'" if identity is None else f"tags.identity = '{identity}'"
    with explain_mlflow(tracking.place):
        found = tracking.client.search_model_versions(f"name = '{unit}' and {asked}", max_results=1)
    return describe(found[0]) if found else None


def read_version(tracking: Tracking, unit: str, version: int) -> Version | None:
    """Read what the registry knows of a version."""
    with explain_mlflow(tracking.place), missing_is_none(tracking, unit) as answer:
        answer.append(describe(tracking.client.get_model_version(unit, str(version))))
    return answer[0] if answer else None


def describe(found: Any) -> Version:
    """Read MLflow's own description of a version."""
    tags = dict(found.tags)
    return Version(found.name, int(found.version), found.run_id, json.loads(tags.get("files", "{}")), tags)


@contextmanager
def missing_is_none(tracking: Tracking, unit: str) -> Iterator[list[Any]]:
    """Collect an answer about a unit's model; the list stays empty where MLflow has none."""
    from mlflow.exceptions import MlflowException

    answer: list[Any] = []
    try:
        yield answer
    except MlflowException as error:
        if error.error_code not in NOT_THERE and not _is_refused_for_missing(tracking, unit, error.error_code):
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
