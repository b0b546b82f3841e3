"""MLflow: a run for each training, a nested one for each trial, evidence beside them.

Whatever goes wrong with MLflow is a TrackingError of one sentence.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from db_handler.connection.home import open_home
from db_handler.errors import AwayError, UsageError
from db_handler.settings import HouseSettings, is_address, read_settings
from service.contract.moment import write_at
from service.tracking.mlflow_store import SCHEME, artifacts_of, point_mlflow_at, prepare_store, renew_connections
from service.tracking.settings import TrackingSettings, quiet_mlflow
from service.tracking.tracking_error import EvidenceDamagedError, TrackingError, explain_mlflow, first_line, mask

EVIDENCE = "evidence"


@dataclass(frozen=True, eq=False)
class Tracking:
    """MLflow at one address.

    >>> with tracking.start_run(project="crypto_forecast", config="btc", kind="train", at=at, cause="clock") as run_id:
    ...     tracking.log_trial(run_id, {"depth": 4}, {"loss": 0.2})
    """

    uri: str
    client: Any = field(repr=False)
    artifacts: str | None = None  # where files go in the embedded mode; a server decides for itself
    experiments: dict[str, str] = field(default_factory=dict, repr=False)  # ids, by project and by run

    @property
    def place(self) -> str:
        return mask(self.uri)

    @contextmanager
    def start_run(
        self, *, project: str, config: str, kind: str, at: datetime, cause: str, tags: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        """Open a run; it ends as FINISHED, or as FAILED when the body raises."""
        run_tags = {"unit": f"{project}.{config}", "kind": kind, "at": write_at(at), "cause": cause, **(tags or {})}
        run_id = self._create_run(self._find_experiment(project), run_tags, name=f"{config} {write_at(at)}")
        try:
            yield run_id
        except BaseException:
            with suppress(TrackingError):  # the first error is the one to report
                self._end_run(run_id, "FAILED")
            raise
        self._end_run(run_id, "FINISHED")

    def end_cut_off_runs(self, project: str, config: str) -> None:
        """End the runs of a unit, and trials below them, that a process which is gone left open."""
        experiments = [self._find_experiment(project)]
        with explain_mlflow(self.place):
            open_runs = "attributes.status = 'RUNNING' and tags.{} = '{}'"
            for run in self.client.search_runs(experiments, open_runs.format("unit", f"{project}.{config}")):
                below = open_runs.format("`mlflow.parentRunId`", run.info.run_id)
                for left in (*self.client.search_runs(experiments, below), run):
                    self._end_run(left.info.run_id, "KILLED")

    def log_trial(self, parent: str, params: Mapping[str, Any], metrics: Mapping[str, float]) -> str:
        """Record one trial as a finished run below another one."""
        with explain_mlflow(self.place):
            experiment = self.experiments.get(parent) or self.client.get_run(parent).info.experiment_id
        run_id = self._create_run(experiment, {"mlflow.parentRunId": parent}, name=None)
        self.log(run_id, params=params, metrics=metrics)
        self._end_run(run_id, "FINISHED")
        return run_id

    def log(
        self,
        run_id: str,
        *,
        params: Mapping[str, Any] | None = None,
        metrics: Mapping[str, float] | None = None,
        of_model: bool = False,
    ) -> None:
        """Add parameters and metrics to a run; those `of_model` stand in MLflow's list of models, too."""
        from mlflow.entities import Metric, Param
        from mlflow.utils.time import get_current_time_millis

        now = get_current_time_millis()  # type: ignore[no-untyped-call]
        with explain_mlflow(self.place):
            outputs = self.client.get_run(run_id).outputs if of_model else None
            model_id = outputs.model_outputs[0].model_id if outputs and outputs.model_outputs else None
            self.client.log_batch(
                run_id,
                metrics=[Metric(key, float(value), now, 0, model_id) for key, value in (metrics or {}).items()],
                params=[Param(key, str(value)) for key, value in (params or {}).items()],
            )

    def log_dataset(self, run_id: str, table: str, rows: pd.DataFrame, digest: str) -> None:
        """Name the rows that a run learned from: their table, number, columns and hash."""
        from mlflow.entities import Dataset, DatasetInput

        columns = [{"name": str(name), "type": str(dtype)} for name, dtype in rows.dtypes.items()]
        dataset = Dataset(
            name=table,
            digest=digest[:36],  # as long as MLflow takes
            source_type="table",
            source=json.dumps({"table": table}),
            schema=json.dumps({"mlflow_colspec": columns}),
            profile=json.dumps({"num_rows": len(rows)}),
        )
        with explain_mlflow(self.place):
            self.client.log_inputs(run_id, datasets=[DatasetInput(dataset)])

    def log_evidence(self, run_id: str, frame: pd.DataFrame, name: str) -> None:
        """Keep a frame beside a run."""
        with tempfile.TemporaryDirectory() as folder, explain_mlflow(self.place):
            path = Path(folder) / f"{name}.parquet"
            frame.to_parquet(path)
            self.client.log_artifact(run_id, str(path), EVIDENCE)

    def read_evidence(self, run_id: str, name: str) -> pd.DataFrame:
        """Read a frame that log_evidence kept; one that is gone or cut off is an EvidenceDamagedError."""
        file, whose = f"{EVIDENCE}/{name}.parquet", f"{name}.parquet of run {run_id} in MLflow at {self.place}"
        with tempfile.TemporaryDirectory() as folder:
            try:
                with explain_mlflow(self.place):
                    path = self.client.download_artifacts(run_id, file, folder)
            except AwayError:
                raise
            except TrackingError as error:
                if not self._is_gone(run_id, file):
                    raise
                raise EvidenceDamagedError(f"{whose} is gone; train again") from error
            try:
                return pd.read_parquet(path)
            except (ValueError, OSError) as error:  # whatever Arrow calls a file that is no Parquet, or not all of it
                raise EvidenceDamagedError(f"{whose} can't be read ({first_line(error)}); train again") from error

    def _is_gone(self, run_id: str, file: str) -> bool:
        """Say whether a run has no such file: a server calls that an error of its own, as it does any."""
        from mlflow.exceptions import MlflowException

        try:
            return file not in [found.path for found in self.client.list_artifacts(run_id, EVIDENCE)]
        except MlflowException as error:
            return bool(error.error_code == "RESOURCE_DOES_NOT_EXIST")  # the run itself

    def _create_run(self, experiment: str, tags: dict[str, str], name: str | None) -> str:
        with explain_mlflow(self.place):
            run_id: str = self.client.create_run(experiment, tags=tags, run_name=name).info.run_id
        self.experiments[run_id] = experiment
        return run_id

    def _end_run(self, run_id: str, status: str) -> None:
        with explain_mlflow(self.place):
            self.client.set_terminated(run_id, status)

    def _find_experiment(self, project: str) -> str:
        if project not in self.experiments:
            with explain_mlflow(self.place):
                existing = self.client.get_experiment_by_name(project)
                self.experiments[project] = (
                    str(existing.experiment_id) if existing else self._create_experiment(project)
                )
        return self.experiments[project]

    def _create_experiment(self, project: str) -> str:
        from mlflow.exceptions import MlflowException

        place = f"{self.artifacts}/{project}" if self.artifacts else None
        try:
            return str(self.client.create_experiment(project, artifact_location=place, tags=_describe(project)))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another process was first
                raise
            return str(self.client.get_experiment_by_name(project).experiment_id)


def _describe(project: str) -> dict[str, str]:
    """Describe an experiment, and have MLflow show it as one of models rather than of prompts and traces."""
    note = f"Trainings of {project}: a run for each, its trials below it, the evidence of the gate beside it."
    return {"mlflow.experimentKind": "custom_model_development", "mlflow.note.content": note}


def open_tracking(settings: HouseSettings | None = None) -> Tracking:
    """Open MLflow where the environment says, else the one in the home."""
    quiet_mlflow()
    uri = TrackingSettings().uri
    if uri is None:
        uri = f"{SCHEME}{open_home((settings or read_settings()).home) / 'mlflow.db'}"
    if not (uri.startswith(SCHEME) or is_address(uri, login=True)):
        raise UsageError(
            f"MLFLOW_TRACKING_URI is {mask(uri)[:80]!r}, which is no place for MLflow here: write it like "
            f"http://127.0.0.1:5000 or {SCHEME}/path/to/mlflow.db, or unset it to have MLflow in the home"
        )
    if uri.startswith(SCHEME):
        return _open_file(Path(uri.removeprefix(SCHEME)).absolute())
    return _open_client(uri, artifacts=None)


def _open_file(path: Path) -> Tracking:
    try:
        from mlflow.store.db import utils

        utils.MAX_RETRY_COUNT = 3  # ten tries of a damaged file are a hundred seconds
        prepare_store(path)
        tracking = _open_client(f"{SCHEME}{path}", artifacts=artifacts_of(path))
        renew_connections(tracking.client)
    except Exception as error:  # whatever SQLite, its driver or a migration may say
        raise TrackingError(f"MLflow's database {path} can't be used: {first_line(error)}") from error
    return tracking


def _open_client(uri: str, artifacts: str | None) -> Tracking:
    import mlflow

    with explain_mlflow(mask(uri)):
        point_mlflow_at(uri)
        return Tracking(uri, mlflow.MlflowClient(uri, uri), artifacts)
