"""The registry: one version a training, aliases, verified models."""

import pickle
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import catboost
import mlflow
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from service.tracking import register_model as registering
from service.tracking.artifact import ModelDamagedError
from service.tracking.register_model import Training, register_model
from service.tracking.registry import (
    Version,
    find_version,
    load_model,
    read_alias,
    read_version,
    set_alias,
)
from service.tracking.tracking import Tracking
from service.tracking.tracking_error import TrackingError

AT = datetime(2025, 3, 1, 4, tzinfo=UTC)
UNIT = "shop.east"
TRAINING: dict[str, Any] = {"project": "shop", "config": "east", "kind": "train", "at": AT, "cause": "clock"}
ROWS = pd.DataFrame(
    {
        "slot": pd.date_range(AT, periods=4, freq="4h"),
        "size": [1.0, 2.0, 3.0, 4.0],
        "place": ["east", "west"] * 2,
        "count": pd.array([1, None, 3, 4], dtype="Int64"),
        "open": pd.array([True, None, False, True], dtype="boolean"),
    }
)
PREDICTED = pd.DataFrame({"predicted": [0.5] * 4})


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    trees = catboost.CatBoostRegressor(iterations=5, depth=2, verbose=0, allow_writing_files=False, random_seed=7)
    return {"trees": trees.fit(ROWS[["size"]], [0.1, 0.2, 0.3, 0.5]), "intercept": 0.1}


def register(tracking: Tracking, run_id: str, model: dict[str, Any], **changes: Any) -> Version:
    told: dict[str, Any] = {
        "at": AT, "cause": "clock", "training_end": AT, "data_hash": "d", "recipe_hash": "r", "baselines": {"rule": 0.5}
    }  # fmt: skip
    training = Training(**(told | changes))
    return register_model(tracking, UNIT, run_id, model, training, inputs=ROWS, outputs=PREDICTED)


@pytest.fixture
def version(tracking: Tracking, model: dict[str, Any]) -> Version:
    with tracking.start_run(**TRAINING) as run_id:
        return register(tracking, run_id, model)


def files_of(home: Path) -> Path:
    [folder] = [path.parent for path in (home / "mlflow-artifacts").rglob("trees.cbm")]
    return folder


def test_a_version_says_where_it_comes_from(tracking: Tracking, version: Version) -> None:
    assert read_version(tracking, UNIT, version.version) == version
    assert set(version.files) == {"model.json", "trees.cbm"}
    told = {
        "at": "2025-03-01T04:00Z",
        "cause": "clock",
        "data_hash": "d",
        "recipe_hash": "r",
        "baselines": '{"rule": 0.5}',
    }
    assert told.items() <= version.tags.items()
    assert {"git_revision", "lock_hash", "training_end"} <= version.tags.keys()
    assert read_version(tracking, UNIT, 9) is None
    assert read_version(tracking, "shop.west", 1) is None


def test_the_pages_of_mlflow_say_what_a_version_is(tracking: Tracking, version: Version) -> None:
    tracking.log_dataset(version.run_id, "shop_features", ROWS, "d" * 64)
    tracking.log(version.run_id, metrics={"evidence_loss": 0.25}, of_model=True)
    client = tracking.client
    run, registered = client.get_run(version.run_id), client.get_registered_model(UNIT)
    experiment = client.get_experiment(run.info.experiment_id)
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
    assert "Trainings of shop" in experiment.tags["mlflow.note.content"]
    assert UNIT in registered.description
    assert "called for by clock" in client.get_model_version(UNIT, str(version.version)).description
    [dataset] = [given.dataset for given in run.inputs.dataset_inputs]
    assert (dataset.name, dataset.profile) == ("shop_features", f'{{"num_rows": {len(ROWS)}}}')
    logged = client.get_logged_model(run.outputs.model_outputs[0].model_id)
    assert [(metric.key, metric.value) for metric in logged.metrics] == [("evidence_loss", 0.25)]
    assert run.data.metrics["evidence_loss"] == 0.25


def test_a_training_done_again_has_one_version(tracking: Tracking, version: Version, model: dict[str, Any]) -> None:
    assert register(tracking, version.run_id, model, data_hash="other") == version
    with tracking.start_run(**TRAINING) as other_run:
        assert register(tracking, other_run, model) == version
    with tracking.start_run(**TRAINING) as other_run:
        assert register(tracking, other_run, model, data_hash="other").version == version.version + 1


def test_a_kill_between_log_and_register_leaves_no_version_and_the_retry_makes_one(
    tracking: Tracking, model: dict[str, Any]
) -> None:
    with tracking.start_run(**TRAINING) as run_id:
        with (
            patch.object(registering, "_create_version", side_effect=KeyboardInterrupt),
            pytest.raises(KeyboardInterrupt),
        ):
            register(tracking, run_id, model)
        assert find_version(tracking, UNIT, run_id=run_id) is None
        assert register(tracking, run_id, model).version == register(tracking, run_id, model).version == 1


def test_a_store_that_is_down_fails_the_run_and_leaves_no_version(
    tracking: Tracking, home: Path, model: dict[str, Any]
) -> None:
    (home / "mlflow-artifacts").write_text("a file where the folder belongs")
    with pytest.raises(TrackingError, match="could not keep or read a file"), tracking.start_run(**TRAINING) as run_id:
        register(tracking, run_id, model)
    assert tracking.client.get_run(run_id).info.status == "FAILED"
    assert find_version(tracking, UNIT, run_id=run_id) is None


def test_aliases(tracking: Tracking, version: Version) -> None:
    assert read_alias(tracking, UNIT, "champion") is None
    assert read_alias(tracking, "shop.west", "champion") is None
    set_alias(tracking, UNIT, "champion", version.version)
    assert read_alias(tracking, UNIT, "champion") == version.version
    began = time.perf_counter()
    for _ in range(20):
        read_alias(tracking, UNIT, "champion")
    assert (time.perf_counter() - began) / 20 < 0.05
    with pytest.raises(TrackingError):
        set_alias(tracking, UNIT, "champion", 99)


def test_an_alias_on_a_version_that_was_deleted_is_missing(tracking: Tracking, version: Version) -> None:
    set_alias(tracking, UNIT, "champion", version.version)
    tracking.client.delete_model_version(UNIT, str(version.version))
    assert read_alias(tracking, UNIT, "champion") is None
    with pytest.raises(ModelDamagedError, match="no such version"):
        load_model(tracking, UNIT, version.version)


def test_a_model_is_loaded_once_and_predicts_the_same(
    tracking: Tracking, version: Version, model: dict[str, Any]
) -> None:
    loaded = load_model(tracking, UNIT, version.version)
    assert (loaded["trees"].predict(ROWS[["size"]]) == model["trees"].predict(ROWS[["size"]])).all()
    assert load_model(tracking, UNIT, version.version) is loaded
    assert load_model(tracking, UNIT, version.version, fresh=True) is not loaded


def flip_bit(folder: Path) -> None:
    content = bytearray((folder / "trees.cbm").read_bytes())
    content[100] ^= 4
    (folder / "trees.cbm").write_bytes(content)


def delete_all(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (flip_bit, "trees.cbm"),
        (lambda folder: (folder / "trees.cbm").write_bytes(b""), "trees.cbm"),
        (lambda folder: (folder / "model.json").unlink(), "model.json"),
        (lambda folder: (folder / "python_model.pkl").write_bytes(pickle.dumps(print)), "python_model.pkl"),
        (delete_all, ""),
    ],
)
def test_a_damaged_champion_is_never_loaded(
    tracking: Tracking, version: Version, home: Path, damage: Callable[[Path], object], part: str
) -> None:
    kept = load_model(tracking, UNIT, version.version)
    damage(files_of(home))
    with pytest.raises(ModelDamagedError, match=rf"shop\.east version 1: .*{part}"):
        load_model(tracking, UNIT, version.version, fresh=True)
    assert load_model(tracking, UNIT, version.version) is kept


@pytest.mark.parametrize(("damage", "error"), [(delete_all, ModelDamagedError), (lambda _: None, TrackingError)])
def test_a_server_that_fails_is_away_unless_the_files_are_gone(
    tracking: Tracking,
    version: Version,
    home: Path,
    damage: Callable[[Path], object],
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:  # what MLflow's client makes of a server's 404 and 500 alike
        raise MlflowException("The following failures occurred while downloading one or more artifacts")

    damage(files_of(home))
    monkeypatch.setattr("mlflow.artifacts.download_artifacts", fail)
    with pytest.raises(error):
        load_model(tracking, UNIT, version.version, fresh=True)


def test_mlflow_itself_loads_a_model_by_its_alias(
    tracking: Tracking, version: Version, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_alias(tracking, UNIT, "champion", version.version)
    asked: list[Any] = []

    def predict(_: Any, rows: pd.DataFrame) -> pd.DataFrame:
        asked.append(rows)
        return PREDICTED

    monkeypatch.setattr("service.contract.project.Project", lambda name: SimpleNamespace(predict_rows=predict))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        served = mlflow.pyfunc.load_model(f"models:/{UNIT}@champion")
        assert served.predict(ROWS)["predicted"].tolist() == [0.5] * 4
        pd.testing.assert_frame_equal(asked[0][["slot", "size", "place"]], ROWS[["slot", "size", "place"]])
        flip_bit(files_of(home))
        with pytest.raises(ModelDamagedError):
            mlflow.pyfunc.load_model(f"models:/{UNIT}@champion")
