"""The DAG files: names, sizes, what a parse costs, and that no task goes without docs, retries, time-out and alert."""

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.dags.parsed import ROOT

KINDS = ("data", "train", "inference", "monitoring")
LINES = 25
SECONDS = 0.3  # a file, as the dag-processor measures it
HEAVY = {"pandas", "numpy", "mlflow", "catboost", "sklearn", "scipy", "alembic", "slack_sdk", "plotly", "boto3"}
OURS = {"crypto_forecast", "service", "db_handler", "messenger", "toy"}


def list_files() -> list[Path]:
    return sorted((ROOT / "dags").glob("*_wf.py"))


def list_projects() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob("[!.]*/run.py"))


def all_tasks(parsed: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{dag_id}.{name}", task) for dag_id, dag in parsed["dags"].items() for name, task in dag["tasks"].items()]


def test_every_file_parses_and_makes_the_dag_of_its_name(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    expected = {f"{project}_{kind}": f"{project}_{kind}_wf.py" for project in list_projects() for kind in KINDS}
    assert {dag_id: dag["file"] for dag_id, dag in parsed["dags"].items()} == expected


def test_airflow_does_not_pass_over_a_file(parsed: dict[str, Any]) -> None:
    assert parsed["seen"] == {path.name: True for path in list_files()}


@pytest.mark.parametrize("path", list_files(), ids=lambda path: path.stem)
def test_a_file_is_short_and_imports_the_sdk_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    modules = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert modules == {"_workflow", "airflow.sdk"}


def test_a_parse_imports_neither_a_project_nor_anything_heavy(parsed: dict[str, Any]) -> None:
    assert not HEAVY & set(parsed["imported"])
    # Airflow itself has loaded some libraries; of ours there is nothing in the whole process.
    assert not OURS & set(parsed["all_modules"])


def test_a_parse_takes_less_than_a_third_of_a_second(parsed: dict[str, Any]) -> None:
    slow = {name: seconds for name, seconds in parsed["seconds"].items() if seconds >= SECONDS}
    assert not slow
    assert len(parsed["seconds"]) == len(list_files())


def test_every_dag_says_what_it_is(parsed: dict[str, Any]) -> None:
    for dag_id, dag in parsed["dags"].items():
        project, _, kind = dag_id.rpartition("_")
        assert dag["tags"] == sorted([project, kind])
        assert dag["doc"]
        assert dag["description"] == dag["doc"].splitlines()[0]
        assert dag["params"] == ["at", "cause", "config"]


def test_moments_keep_their_order_and_no_dag_catches_up(parsed: dict[str, Any]) -> None:
    found = {dag_id: (dag["max_active_runs"], dag["catchup"]) for dag_id, dag in parsed["dags"].items()}
    for dag_id, (runs, catchup) in found.items():
        assert not catchup
        assert runs == 1 or dag_id.endswith("_train")


def test_every_task_has_docs_retries_a_time_out_and_an_alert(parsed: dict[str, Any]) -> None:
    for name, task in all_tasks(parsed):
        assert task["doc"], name
        assert task["owner"] in list_projects(), name
        assert task["retries"] >= 1, name
        assert task["delay"] > 0, name
        assert task["backoff"] > 1, name
        assert task["callbacks"] == ["tell_slack"], name
        assert task["timeout"] > 0, name


def test_the_chain_of_assets(parsed: dict[str, Any]) -> None:
    outlets = {name: task["outlets"] for name, task in all_tasks(parsed) if task["outlets"]}
    assert outlets == {
        "crypto_forecast_data.publish": ["crypto_forecast/features"],
        "crypto_forecast_inference.publish": ["crypto_forecast/predictions"],
    }
    schedules = {dag_id: dag["schedule"] for dag_id, dag in parsed["dags"].items()}
    assert schedules == {
        "crypto_forecast_data": "CronPartitionTimetable",
        "crypto_forecast_train": "CronTriggerTimetable",
        "crypto_forecast_inference": "PartitionedAssetTimetable",
        "crypto_forecast_monitoring": "PartitionedAssetTimetable",
    }


def test_the_demo_keeps_the_chain_and_drops_the_clocks(in_demo: dict[str, Any]) -> None:
    assert in_demo["errors"] == {}
    schedules = {dag_id: dag["schedule"] for dag_id, dag in in_demo["dags"].items()}
    assert schedules == {
        "crypto_forecast_data": "PartitionedAtRuntime",
        "crypto_forecast_train": "NullTimetable",
        "crypto_forecast_inference": "PartitionedAssetTimetable",
        "crypto_forecast_monitoring": "PartitionedAssetTimetable",
    }


def test_steps_follow_one_another_and_the_plan_comes_first(parsed: dict[str, Any]) -> None:
    train = parsed["dags"]["crypto_forecast_train"]["tasks"]
    assert train["plan"]["after"] == []
    for before, step in (("plan", "train"), ("steps.train", "evaluate"), ("steps.evaluate", "promote")):
        assert before in train[f"steps.{step}"]["after"]
    inference = parsed["dags"]["crypto_forecast_inference"]["tasks"]
    assert inference["train_missing"]["calls"] == "crypto_forecast_train"
    assert inference["steps.inference"]["after"] == ["plan", "train_missing"]
    monitoring = parsed["dags"]["crypto_forecast_monitoring"]["tasks"]
    assert monitoring["train_again"]["calls"] == "crypto_forecast_train"
    assert monitoring["announce"]["rule"] == "all_done"
