"""Servers that go away while moments go on: everything ends well, and the rows are those of an undisturbed run."""

import time

from tests.stack.airflow_api import TRAIN, AirflowApi
from tests.stack.step_processes import begin_training
from tests.stack.twin import Twin, assert_same_ledger, assert_same_rows
from tests.stack.whole_stack import WholeStack, write_key

DATA, INFERENCE, MONITORING = "crypto_forecast_data", "crypto_forecast_inference", "crypto_forecast_monitoring"
AIRFLOW = ("airflow-apiserver", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer")


def begin_moment(stack: WholeStack) -> tuple[AirflowApi, str]:
    """Start the data run of the next moment; its chain follows by itself."""
    key = write_key(stack.next_moment())
    stack.airflow.start(DATA, key, run_id=f"test__{key}")
    return stack.airflow, key


def assert_undisturbed(stack: WholeStack, twin: Twin) -> None:
    twin.play(stack.moments)
    assert_same_rows(stack.database_url(), twin)
    assert_same_ledger(stack.database_url(), twin)


def test_mysql_mlflow_and_the_store_restart_in_the_middle_of_a_moment(played: WholeStack, twin: Twin) -> None:
    airflow, key = begin_moment(played)
    airflow.wait_for_step(DATA, key=key)
    played.compose("restart", "-t", "20", "mysql")
    airflow.wait_for_kind(DATA, key)
    airflow.wait_for_step(INFERENCE, key=key)
    played.compose("restart", "-t", "5", "mlflow", "store")
    airflow.wait_for_chain(key)
    assert_undisturbed(played, twin)


def test_the_store_and_mlflow_restart_in_the_middle_of_a_training(played: WholeStack, twin: Twin) -> None:
    """Fault 16: the retry makes exactly one version."""
    airflow, at = played.airflow, max(played.moments)
    twin.play(played.moments)
    before = list_versions(played)
    run = airflow.start(TRAIN, conf={"at": write_key(at), "config": "btc", "cause": "clock"})
    airflow.wait_for_step(TRAIN, run_id=run)
    played.compose("restart", "-t", "5", "store", "mlflow")
    assert airflow.wait_for_run(TRAIN, run) == "success", airflow.explain(TRAIN, run)
    assert list_versions(played) == [*before, max(before) + 1]
    twin.train(at, "btc")
    assert_same_ledger(played.database_url(), twin)


def list_versions(stack: WholeStack) -> list[int]:
    rows = stack.ask_mysql("SELECT version FROM quartet_model WHERE config = 'btc' ORDER BY version")
    return [version for (version,) in rows]


def test_postgres_is_gone_for_half_a_minute_and_the_scheduler_is_killed(played: WholeStack, twin: Twin) -> None:
    """Fault 10: Airflow comes back by itself, and what was running begins again."""
    airflow, key = begin_moment(played)
    airflow.wait_for_step(DATA, key=key)
    played.compose("stop", "-t", "10", "postgres")
    time.sleep(30)
    played.compose("start", "postgres")
    for service in AIRFLOW:
        played.wait_healthy(service)
    airflow.wait_for_kind(DATA, key)

    airflow.wait_for_step(INFERENCE, key=key)
    played.kill_process(played.list_containers("airflow-scheduler")[0])
    airflow.wait_for_chain(key)
    assert played.list_containers("airflow-scheduler")[0]["RestartCount"] >= 1
    assert_undisturbed(played, twin)


def test_the_scheduler_is_recreated_in_the_middle_of_a_training(played: WholeStack, twin: Twin) -> None:
    """Fault 91: its container, and the training in it, are gone at once; the next try trains, and is not skipped."""
    at = max(played.moments)
    twin.play(played.moments)
    training = begin_training(played, write_key(at), "btc")
    played.compose("up", "-d", "--no-deps", "--force-recreate", "-t", "1", "airflow-scheduler")
    training.wait_until_gone(time.time())
    training.assert_tried_again()
    assert played.ask_mysql("SELECT COUNT(*) FROM quartet_run WHERE status = 'running'") == [(0,)]
    twin.train(at, "btc")
    assert_same_ledger(played.database_url(), twin)
