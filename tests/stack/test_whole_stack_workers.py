"""The same stack with the CeleryExecutor and two workers, one of which dies in the middle of a task."""

import time
from typing import Any

import pytest

from tests.stack.airflow_api import TRAIN, wait_until
from tests.stack.step_processes import CELERY, begin_training
from tests.stack.twin import Twin, assert_same_ledger, assert_same_rows
from tests.stack.whole_stack import WholeStack, write_key

WORKER = "airflow-worker"
DATA = "crypto_forecast_data"
RETRIED_WITHIN = 90  # seconds from the kill to the next try
KEPT_FROM_WORKERS = {
    "airflow_database_password",
    "airflow_fernet_key",
    "airflow_jwt_secret",
    "airflow_api_secret_key",
    "airflow_admin_password",
    "postgres_password",
    "store_root_password",
    "store_mlflow_key",
    "mlflow_admin_password",
    "mysql_root_password",
}


@pytest.fixture(scope="module")
def workers(played: WholeStack) -> WholeStack:
    assert "CeleryExecutor with 2 workers" in played.up("EXECUTOR=celery", "WORKERS=2")
    played.wait_healthy(WORKER, count=2)
    return played


def run_in_worker(stack: WholeStack, script: str) -> str:
    done = stack.execute(WORKER, "python", "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_settings_keep_the_executor_and_the_demo_for_the_next_make_up(workers: WholeStack) -> None:
    kept = (workers.root / ".env").read_text(encoding="utf-8").splitlines()
    assert {"EXECUTOR=CeleryExecutor", "WORKERS=2", "COMPOSE_PROFILES=celery,demo", "DEMO=1"} <= set(kept)


def test_a_worker_holds_none_of_airflow_s_secrets(workers: WholeStack) -> None:
    secrets = workers.read_secrets()
    script = (
        "import glob, pathlib; print(pathlib.Path('/proc/1/environ').read_text()); "
        "[print(path, pathlib.Path(path).read_text()) for path in glob.glob('/run/secrets/*')]"
    )
    seen = run_in_worker(workers, script)
    assert "/run/secrets/mysql_writer_password" in seen
    assert [name for name in KEPT_FROM_WORKERS if secrets[name] in seen or f"/run/secrets/{name}" in seen] == []
    assert "SQL_ALCHEMY_CONN" not in seen
    assert "FERNET" not in seen
    assert "JWT" not in seen


def test_a_worker_has_no_way_to_postgres(workers: WholeStack) -> None:
    networks = workers.list_containers("postgres")[0]["NetworkSettings"]["Networks"].values()
    addresses = ["postgres", *(network["IPAddress"] for network in networks)]
    script = f"""
import socket
def reach(host, port):
    try:
        socket.create_connection((host, port), 3).close()
    except OSError:
        return False
    return True
print([host for host in {addresses!r} if reach(host, 5432)], reach("mysql", 3306), reach("redis", 6379))
"""
    assert run_in_worker(workers, script) == "[] True True"


def test_a_moment_runs_on_workers_and_its_logs_are_read_in_airflow(workers: WholeStack, twin: Twin) -> None:
    airflow, key = workers.airflow, write_key(workers.next_moment())
    run = airflow.start(DATA, key, run_id=f"test__{key}")
    airflow.wait_for_chain(key)
    tasks = airflow.list_tasks(DATA, run)
    hosts = {one["Config"]["Hostname"] for one in workers.list_containers(WORKER)}
    assert {task["hostname"] for task in tasks} <= hosts
    load = next(task for task in tasks if task["task_id"] == "steps.load")
    assert "load done" in airflow.read_log(DATA, run, "steps.load", index=load["map_index"])
    twin.play(workers.moments)
    assert_same_rows(workers.database_url(), twin)


def test_a_task_of_a_killed_worker_is_tried_again_and_ends_well(workers: WholeStack, twin: Twin) -> None:
    airflow, at = workers.airflow, max(workers.moments)
    twin.play(workers.moments)
    count = "SELECT COUNT(*) FROM quartet_model WHERE config = 'eth'"
    ((before,),) = workers.ask_mysql(count)
    run = airflow.start(TRAIN, conf={"at": write_key(at), "config": "eth", "cause": "clock"})
    _, task = airflow.wait_for_step(TRAIN, run_id=run)
    victim = next(one for one in workers.list_containers(WORKER) if one["Config"]["Hostname"] == task["hostname"])
    workers.kill_process(victim)
    killed = time.monotonic()

    def find_next_try() -> dict[str, Any] | None:
        now = next(one for one in airflow.list_tasks(TRAIN, run) if one["task_id"] == task["task_id"])
        assert (now["state"], now["try_number"]) != ("success", 1), "the task ended before its worker was killed"
        return now if now["try_number"] > 1 and now["state"] in ("running", "success") else None

    wait_until(find_next_try, "the next try begins", 200)
    took = time.monotonic() - killed
    print(f"tried again {took:.0f} s after the kill")
    assert airflow.wait_for_run(TRAIN, run) == "success", airflow.explain(TRAIN, run)
    assert took < RETRIED_WITHIN
    workers.wait_healthy(WORKER, count=2)
    assert workers.ask_mysql(count) == [(before + 1,)]
    twin.train(at, "eth")
    assert_same_ledger(workers.database_url(), twin)


@pytest.mark.parametrize(("config", "ended"), [("btc", "main process"), ("ada", "container")])
def test_a_step_ends_with_its_worker_and_is_tried_again(
    workers: WholeStack, twin: Twin, config: str, ended: str
) -> None:
    at = max(workers.moments)
    twin.play(workers.moments)
    training = begin_training(workers, write_key(at), config)
    if ended == "container":
        since = time.time()
        assert workers.docker("rm", "-f", training.container["Id"]).returncode == 0
        training.wait_until_gone(since)
    else:
        training.kill(CELERY)
    twin.train(at, config)
    training.assert_tried_again()
    workers.compose("up", "-d", "--no-deps", "--no-recreate", "--scale", f"{WORKER}=2", WORKER)
    workers.wait_healthy(WORKER, count=2)
    assert workers.ask_mysql("SELECT config FROM quartet_run WHERE status = 'running'") == []
    assert_same_ledger(workers.database_url(), twin)
