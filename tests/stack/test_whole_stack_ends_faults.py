"""Trainings that are killed, marked or cleared, and a database that is away: each is tried again to its right end."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from crypto_forecast.configs._crypto import Train
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from tests.soak.leftovers import find_open_work
from tests.stack.airflow_api import TRAIN, AirflowApi, wait_until
from tests.stack.step_processes import STEP, SUPERVISOR, TASK, Training, begin_training, find_training
from tests.stack.twin import Twin, assert_same_ledger, assert_same_rows
from tests.stack.whole_stack import WholeStack, write_key

DATA, MONITORING = "crypto_forecast_data", "crypto_forecast_monitoring"
MYSQL_AWAY_SECONDS = 90


def play_next(stack: WholeStack, twin: Twin) -> str:
    """Play a moment of its own, for which nothing was trained yet."""
    key = write_key(stack.next_moment())
    stack.airflow.start(DATA, key, run_id=f"test__{key}")
    stack.airflow.wait_for_chain(key)
    twin.play(stack.moments)
    return key


def assert_tried_again(stack: WholeStack, run: str) -> None:
    assert stack.airflow.wait_for_run(TRAIN, run) == "success", stack.airflow.explain(TRAIN, run)
    tasks = stack.airflow.list_tasks(TRAIN, run)
    assert {task["state"] for task in tasks} == {"success"}
    assert max(task["try_number"] for task in tasks) > 1


def assert_undisturbed(stack: WholeStack, twin: Twin) -> None:
    """Nothing is under way, no lock is held, and rows and records are the twin's."""
    with open_database(HouseSettings(database_url=stack.database_url())) as database:
        assert list(find_open_work(database)) == []
    assert_same_ledger(stack.database_url(), twin)
    assert_same_rows(stack.database_url(), twin)


def test_a_step_ends_with_its_task_and_its_supervisor_and_is_tried_again(played: WholeStack, twin: Twin) -> None:
    key = play_next(played, twin)
    trainings = []
    for config, victim in {"btc": STEP, "eth": TASK, "ada": SUPERVISOR}.items():
        training = begin_training(played, key, config)
        training.kill(training.processes[victim])
        trainings.append(training)
    for training in trainings:
        assert_tried_again(played, training.run)
        twin.train(max(played.moments), training.config)
    assert_undisturbed(played, twin)


def test_a_task_that_is_marked_failed_or_cleared_ends_and_can_be_run_again(played: WholeStack, twin: Twin) -> None:
    key = play_next(played, twin)
    marked = begin_training(played, key, "btc")
    marked.wait_until_gone(mark_failed(played.airflow, marked))
    cleared = begin_training(played, key, "eth")
    cleared.wait_until_gone(clear(played.airflow, cleared))
    assert played.airflow.wait_for_run(TRAIN, marked.run) == "failed"
    clear(played.airflow, marked)
    for training in (marked, cleared):
        assert_tried_again(played, training.run)
        twin.train(max(played.moments), training.config)
    assert_undisturbed(played, twin)


def mark_failed(airflow: AirflowApi, training: Training) -> float:
    """Mark a task, as a click does; answer with when that was."""
    run, task = quote(training.run, safe=""), training.task
    place = f"/api/v2/dags/{TRAIN}/dagRuns/{run}/taskInstances/{task['task_id']}/{task['map_index']}"
    airflow.ask("PATCH", place, {"new_state": "failed"})
    return time.time()


def clear(airflow: AirflowApi, training: Training) -> float:
    """Clear a task and those after it, as a click does; answer with when that was."""
    body = {
        "dry_run": False,
        "dag_run_id": training.run,
        "task_ids": [[training.task["task_id"], training.task["map_index"]]],
        "only_failed": False,
        "include_downstream": True,
        "reset_dag_runs": True,
    }
    airflow.ask("POST", f"/api/v2/dags/{TRAIN}/clearTaskInstances", body)
    return time.time()


def test_mysql_is_away_for_a_minute_and_a_half_in_the_middle_of_a_moment(played: WholeStack, twin: Twin) -> None:
    key = write_key(played.next_moment())
    played.airflow.start(DATA, key, run_id=f"test__{key}")
    played.airflow.wait_for_step(DATA, key=key)
    played.compose("stop", "-t", "20", "mysql")
    time.sleep(MYSQL_AWAY_SECONDS)
    played.compose("start", "mysql")
    played.airflow.wait_for_chain(key)
    twin.play(played.moments)
    assert_undisturbed(played, twin)


def test_the_next_alarm_retrains_although_its_training_is_killed_too(played: WholeStack, twin: Twin) -> None:
    """The alarm is that of champions that have become too old."""
    at = max(played.moments) + timedelta(days=Train().max_age_days + 1)
    played.moments.append(at)
    key, decision = write_key(at), f":{at:%Y%m%dT%H%M%S}:retrain"
    played.airflow.start(DATA, key, run_id=f"test__{key}")
    played.airflow.wait_for_kind(MONITORING, key, 900)

    def list_called() -> list[dict[str, Any]]:
        called = [run for run in played.airflow.list_runs(TRAIN) if run["dag_run_id"].endswith(decision)]
        return called if len(called) == 3 else []

    called = wait_until(list_called, "each champion's training is called for", 60)
    run = called[-1]
    training = find_training(played, run["dag_run_id"], run["conf"]["config"])
    training.kill(training.processes[STEP])
    assert_tried_again(played, training.run)
    played.airflow.wait_for_chain(key)
    assert {played.airflow.wait_for_run(TRAIN, run["dag_run_id"]) for run in called} == {"success"}
    twin.play(played.moments)
    assert_undisturbed(played, twin)
