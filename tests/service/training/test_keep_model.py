"""What a training leaves: hashes, known models, and one version however often it is killed (faults 12, 16, 55)."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.models import find_model
from db_handler.ledger.runs import read_runs
from db_handler.rows.frames import delete_rows, read_rows, upsert_rows
from service.step import Run
from service.step.champion import load_version
from service.step.platform import Platform
from service.tracking.registry import read_alias
from service.training.evidence import read_evidence, read_golden_rows, read_training_sample
from service.training.history import find_data_problem
from service.training.keep_model import GOLDEN_ROWS, hash_rows
from service.workflow.run_kind import run_kind
from tests.service.toy_world import DAY, START, open_toy

ROOT = Path(__file__).resolve().parents[3]
AT = START + 100 * DAY


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def train(toy: Platform, at: Any = AT, kind: str = "train", step: str | None = None) -> dict[str, Any]:
    return run_kind(toy, kind, ["a"], step=step, at=at, now=at, cause="clock")["a"].to_plain()


def list_versions(toy: Platform) -> list[int]:
    found = toy.tracking.client.search_model_versions("name = 'toy.a'")
    return sorted(int(version.version) for version in found)


def list_statuses(toy: Platform) -> list[str]:
    client = toy.tracking.client
    experiment = client.get_experiment_by_name("toy")
    return [run.info.status for run in client.search_runs([experiment.experiment_id], "tags.kind = 'train'")]


def test_a_hash_tells_rows_by_their_values() -> None:
    rows = pd.DataFrame({"slot": pd.date_range(START, periods=3), "x": [1.0, 2.0, np.nan], "m": ["a", "b", "c"]})
    same = rows[["m", "x", "slot"]].set_axis([7, 8, 9])
    assert hash_rows(same) == hash_rows(rows)
    others = [
        rows.assign(x=[1.0, 2.0, 0.0]), rows.iloc[:2], rows.iloc[::-1], rows.rename(columns={"x": "y"}),
        rows.assign(z=1), rows.assign(m=["a", "b", "d"]), rows.iloc[:0],
    ]  # fmt: skip
    assert len({hash_rows(other) for other in [*others, rows]}) == len(others) + 1


def test_other_rows_are_another_version_and_the_same_are_not(toy: Platform) -> None:
    first = train(toy)["train"]
    assert train(toy)["train"]["version"] == first["version"] == 1
    with toy.database.begin() as connection:
        row = pd.DataFrame([{"series": "a", "target_slot": START + 5 * DAY, "target": 1.25}])
        upsert_rows(connection, toy.specs["a"].data.features, row)
    again = train(toy)["train"]
    assert again["version"] == 2
    assert again["data_hash"] != first["data_hash"]


def test_what_later_steps_hold_it_against_is_kept_beside_it(toy: Platform) -> None:
    left = train(toy)["train"]
    run = Run(toy, toy.specs["a"], "monitoring", "monitor", AT, AT, "clock")
    golden = read_golden_rows(run, left["mlflow_run"])
    assert len(golden.rows) == GOLDEN_ROWS
    assert set(golden.predicted.ravel()) == {load_version(run, 1).model["level"]}
    assert len(read_training_sample(run, left["mlflow_run"])) == left["rows"] == 99
    assert read_evidence(run, left["mlflow_run"]).columns.isin(["loss", "rule_zero_loss"]).sum() == 2
    metrics = toy.tracking.client.get_run(left["mlflow_run"]).data.metrics
    assert metrics["evidence_loss"] > 0


KILL = """
import os, signal, sys
from service.{room} import {module}
real = {module}.{name}
def killed(*args, **kwargs):
    if {after}:
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
{module}.{name} = killed
from db_handler.open_database import open_database
from tests.service.toy_world import open_toy, START, DAY
from service.workflow.run_kind import run_kind
at = START + 100 * DAY
run_kind(open_toy(open_database()), "train", ["a"], at=at, now=at, cause="clock")
"""


@pytest.mark.parametrize(
    ("room", "module", "name", "after"),
    [
        ("tracking", "register_model", "_create_version", False),  # the files are there, the version is not
        ("training", "keep_model", "register_model", True),  # the version is there, the ledger does not know it
        (
            "training",
            "keep_model",
            "record_model",
            True,
        ),  # the ledger knows it, in a transaction that is never committed
    ],
)
def test_a_killed_training_run_again_leaves_one_version(
    toy: Platform, room: str, module: str, name: str, after: bool
) -> None:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "projects")))
    killed = subprocess.run(
        [sys.executable, "-c", KILL.format(room=room, module=module, name=name, after=after)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with toy.database.begin() as connection:
        assert find_model(connection, project="toy", config="a") is None
        assert [row.status for row in read_runs(connection, project="toy")] == ["running"]
    assert read_alias(toy.tracking, "toy.a", "champion") is None
    found = train(toy)
    assert found["promote"]["verdict"] == "promoted"
    assert list_versions(toy) == [1]
    assert read_alias(toy.tracking, "toy.a", "champion") == read_alias(toy.tracking, "toy.a", "challenger") == 1


def test_a_store_that_fails_leaves_a_failed_run_and_no_version_and_the_retry_makes_one(
    toy: Platform, home: Path
) -> None:
    (home / "mlflow-artifacts").write_text("a file where the folder belongs")
    found = train(toy)
    assert found["status"] == "failed"
    assert "could not keep or read a file" in found["train"]["error"]
    assert (list_statuses(toy), list_versions(toy)) == (["FAILED"], [])
    (home / "mlflow-artifacts").unlink()
    assert train(toy)["promote"]["verdict"] == "promoted"
    assert sorted(list_statuses(toy)) == ["FAILED", "FINISHED"]
    assert list_versions(toy) == [1]


@pytest.mark.parametrize(
    ("rows", "target", "status"),
    [(0, 1.0, "not_yet"), (1, 1.0, "not_yet"), (99, 0.0, "done"), (99, 3.0, "done"), (99, None, "done")],
)
def test_poor_data_is_told_and_no_crash(toy: Platform, rows: int, target: float | None, status: str) -> None:
    """Fault 55: no rows, one row, a constant that the rule knows as well, a constant, nothing but holes."""
    data = toy.specs["a"].data
    with toy.database.begin() as connection:
        found = read_rows(connection, data.features, where=data.where).iloc[:rows]
        delete_rows(connection, data.features, where=data.where)
        upsert_rows(connection, data.features, found.assign(target=target))
    outcome = train(toy)
    assert outcome["status"] == status
    if status == "done":
        assert outcome["promote"]["verdict"] == {3.0: "promoted", 0.0: "kept", None: "too_early"}[target]
    later = AT + 60 * DAY
    assert train(toy, later)["status"] == status
    for kind in ("inference", "monitoring"):
        expected = "done" if target == 3.0 else "not_yet"
        assert train(toy, later, kind=kind)["status"] == expected


def test_a_data_check_that_failed_stands_in_the_way_until_it_is_done_again(toy: Platform) -> None:
    """Fault 58: what is poisoned is not trained on."""
    data, run = toy.specs["a"].data, Run(toy, toy.specs["a"], "monitoring", "monitor", AT, AT, "clock")
    assert train(toy, kind="data")["status"] == "done"
    assert find_data_problem(run) is None
    with toy.database.begin() as connection:
        good = read_rows(connection, data.features, where=data.where)
        upsert_rows(connection, data.features, good.assign(level=np.nan))
    assert train(toy, kind="data")["status"] == "failed"
    assert "level is missing in 100% of the newest 42 rows" in (find_data_problem(run) or "")
    with toy.database.begin() as connection:
        upsert_rows(connection, data.features, good)
    assert train(toy, AT + DAY, kind="data")["status"] == "done"
    later = Run(toy, toy.specs["a"], "monitoring", "monitor", AT + DAY, AT + DAY, "clock")
    assert find_data_problem(later) is None
