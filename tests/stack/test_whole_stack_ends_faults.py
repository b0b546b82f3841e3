"""Trainings that are killed, marked or cleared, and a database that is away: each is tried again to its right end."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from crypto_forecast.configs._crypto import Train
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from tests.soak.leftovers import find_open_work
from tests.stack.airflow_api import CHAIN, TRAIN, AirflowApi, wait_until
from tests.stack.step_processes import STEP, SUPERVISOR, TASK, Training, begin_training, find_training
from tests.stack.twin import Twin, assert_same_ledger, assert_same_rows
from tests.stack.whole_stack import WholeStack, write_key

DATA = "crypto_forecast_data"
MYSQL_AWAY_SECONDS = 90
KILLED = {"btc": STEP, "eth": TASK, "ada": SUPERVISOR}


@pytest.fixture(scope="module")
def without_mysql(played: WholeStack, twin: Twin) -> str:
    """A moment in whose middle MySQL went away for a minute and a half, and for which nothing was trained: its key."""
    key = write_key(played.next_moment())
    played.airflow.start(DATA, key, run_id=f"test__{key}")
    played.airflow.wait_for_step(DATA, key=key)
    played.compose("stop", "-t", "20", "mysql")
    time.sleep(MYSQL_AWAY_SECONDS)
    played.compose("start", "mysql")
    twin.play(played.moments)
    played.airflow.wait_for_chain(key)
    return key


def assert_undisturbed(stack: WholeStack, twin: Twin) -> None:
    """Nothing is under way, no lock is held, and rows and records are the twin's."""
    with open_database(HouseSettings(database_url=stack.database_url())) as database:
        assert list(find_open_work(database)) == []
    assert_same_ledger(stack.database_url(), twin)
    assert_same_rows(stack.database_url(), twin)


def test_mysql_is_away_for_a_minute_and_a_half_in_the_middle_of_a_moment(
    played: WholeStack, without_mysql: str, twin: Twin
) -> None:
    assert write_key(max(played.moments)) == without_mysql
    assert_undisturbed(played, twin)


def test_a_task_that_is_marked_failed_or_cleared_ends_and_can_be_run_again(
    played: WholeStack, without_mysql: str, twin: Twin
) -> None:
    marked = begin_training(played, without_mysql, "btc")
    marked.wait_until_gone(mark_failed(played.airflow, marked))
    cleared = begin_training(played, without_mysql, "eth")
    cleared.wait_until_gone(clear(played.airflow, cleared))
    assert played.airflow.wait_for_run(TRAIN, marked.run) == "failed"
    clear(played.airflow, marked)
    twin.train(max(played.moments), marked.config, cleared.config)
    for training in (marked, cleared):
        training.assert_tried_again()
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


def test_the_next_alarm_retrains_although_its_trainings_are_killed_too(played: WholeStack, twin: Twin) -> None:
    """The alarm is that of champions that have become too old."""
    at = max(played.moments) + timedelta(days=Train().max_age_days + 1)
    played.moments.append(at)
    key, decision = write_key(at), f":{at:%Y%m%dT%H%M%S}:retrain"
    played.airflow.start(DATA, key, run_id=f"test__{key}")
    for dag in CHAIN:
        played.airflow.wait_for_kind(dag, key)

    def list_called() -> list[dict[str, Any]]:
        called = [run for run in played.airflow.list_runs(TRAIN) if run["dag_run_id"].endswith(decision)]
        return called if len(called) == len(KILLED) else []

    called = wait_until(list_called, "each champion's training is called for", 60)
    trainings = [find_training(played, run["dag_run_id"], run["conf"]["config"]) for run in called]
    for training in trainings:
        training.kill(KILLED[training.config])
    twin.play(played.moments)
    for training in trainings:
        training.assert_tried_again()
    played.airflow.wait_for_chain(key)
    assert_undisturbed(played, twin)
