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
OURS = {"service", "db_handler", "messenger", "toy"}
# Beside the workflows of projects: what is started by hand. `hello` teaches, so it has nothing that could fail.
BY_HAND = {"hello": ["name"], "data_extract": ["at", "config", "project"]}
BY_HAND |= {"generate_practice_data": ["delay", "drift", "from", "project", "to"]}
CLOCKS = {"data": "CronPartitionTimetable", "train": "CronTriggerTimetable"}
DEMO_CLOCKS = {"data": "PartitionedAtRuntime", "train": "NullTimetable"}


def list_files() -> list[Path]:
    return sorted((ROOT / "dags").glob("*_wf.py"))


def list_projects() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob("[!.]*/run.py"))


def list_workflows(parsed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {dag_id: dag for dag_id, dag in parsed["dags"].items() if dag_id not in BY_HAND}


def name_schedules(clocks: dict[str, str]) -> dict[str, str]:
    """Data and train have a clock, the other two follow an asset."""
    kinds = {kind: clocks.get(kind, "PartitionedAssetTimetable") for kind in KINDS}
    chained = {f"{project}_{kind}": schedule for project in list_projects() for kind, schedule in kinds.items()}
    return chained | dict.fromkeys(BY_HAND, "NullTimetable")


def all_tasks(parsed: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{dag_id}.{name}", task) for dag_id, dag in parsed["dags"].items() for name, task in dag["tasks"].items()]


def test_every_file_parses_and_makes_the_dag_of_its_name(parsed: dict[str, Any]) -> None:
    assert parsed["errors"] == {}
    expected = {f"{project}_{kind}": f"{project}_{kind}_wf.py" for project in list_projects() for kind in KINDS}
    expected |= {dag_id: f"{dag_id}.py" for dag_id in BY_HAND}
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
    assert not (OURS | set(list_projects())) & set(parsed["all_modules"])


def test_a_parse_takes_less_than_a_third_of_a_second(parsed: dict[str, Any]) -> None:
    slow = {name: seconds for name, seconds in parsed["seconds"].items() if seconds >= SECONDS}
    assert not slow
    assert len(parsed["seconds"]) == len(list_files())


def test_every_dag_says_what_it_is(parsed: dict[str, Any]) -> None:
    for dag_id, dag in list_workflows(parsed).items():
        project, _, kind = dag_id.rpartition("_")
        assert dag["tags"] == sorted([project, kind])
        assert dag["params"] == ["at", "cause", "config"]
    for dag_id, params in BY_HAND.items():
        assert parsed["dags"][dag_id]["tags"]
        assert parsed["dags"][dag_id]["params"] == params
    for dag in parsed["dags"].values():
        assert dag["doc"]
        assert dag["description"] == dag["doc"].splitlines()[0]


def test_moments_keep_their_order_and_no_dag_catches_up(parsed: dict[str, Any]) -> None:
    found = {dag_id: (dag["max_active_runs"], dag["catchup"]) for dag_id, dag in parsed["dags"].items()}
    for dag_id, (runs, catchup) in found.items():
        assert not catchup
        assert runs == 1 or dag_id.endswith("_train")


def test_every_task_has_docs_retries_a_time_out_and_an_alert(parsed: dict[str, Any]) -> None:
    for name, task in all_tasks(parsed):
        assert task["doc"], name
        assert task["owner"] in [*list_projects(), "quartet"], name
        if name.startswith("hello."):
            continue
        assert task["retries"] >= 1, name
        assert task["delay"] > 0, name
        assert task["backoff"] > 1, name
        assert task["callbacks"] == ["tell_slack"], name
        assert task["timeout"] > 0, name


def test_the_smallest_dag_passes_a_value_on(parsed: dict[str, Any]) -> None:
    tasks = parsed["dags"]["hello"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == {"make_greeting": [], "greet": ["make_greeting"]}


def test_what_is_run_by_hand_imports_no_more_than_the_others() -> None:
    for dag_id in BY_HAND:
        tree = ast.parse((ROOT / "dags" / f"{dag_id}.py").read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert modules <= {"_run_step", "_tell_slack", "_workflow", "airflow.sdk", "datetime", "pathlib", "typing"}


def test_the_chain_of_assets(parsed: dict[str, Any]) -> None:
    outlets = {name: task["outlets"] for name, task in all_tasks(parsed) if task["outlets"]}
    chained = {"data": "features", "inference": "predictions"}
    assert outlets == {
        f"{project}_{kind}.publish": [f"{project}/{asset}"]
        for project in list_projects()
        for kind, asset in chained.items()
    }
    assert {dag_id: dag["schedule"] for dag_id, dag in parsed["dags"].items()} == name_schedules(CLOCKS)


def test_the_demo_keeps_the_chain_and_drops_the_clocks(in_demo: dict[str, Any]) -> None:
    assert in_demo["errors"] == {}
    assert {dag_id: dag["schedule"] for dag_id, dag in in_demo["dags"].items()} == name_schedules(DEMO_CLOCKS)


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
