"""While it comes up: what is known to have failed ends the wait at once, and a half is never told as a whole."""

from typing import Any

import pytest

from tests.compose.machine import Machine, but, container, services, whole


def fail(machine: Machine, *words: str) -> str:
    status, out, err = machine.type("up", *words)
    assert status == 1
    assert out == ""
    assert "The stack is not up" in err
    return err


def test_job_that_dies_is_told_at_once_with_its_last_lines(machine: Machine) -> None:
    machine.state["started"] = [but(container("mysql-init", "exited", "", exit=7), without="mlflow")]
    machine.state["logs"] = {"mysql-init": "\n".join(f"line {number}" for number in range(30))}
    err = fail(machine)
    assert "mysql-init ended with status 7. Its last lines:" in err
    assert err.count("  | line") == 15
    assert "make logs s=mysql-init" in err


def test_secrets_in_logs_are_masked(machine: Machine) -> None:
    machine.fill()
    secret = machine.secret("mysql_writer_password").read_text()
    machine.state["containers"] = []
    machine.state["started"] = [but(container("mysql", "running", "unhealthy", probe=f"login {secret} refused"))]
    machine.state["logs"] = {"mysql": f"password {secret}!"}
    err = fail(machine)
    assert "| password ***!" in err
    assert "(login *** refused)" in err
    assert secret not in err


def test_health_check_of_what_is_unhealthy_is_told(machine: Machine) -> None:
    machine.state["started"] = [but(container("mysql", "running", "unhealthy", probe="login refused"))]
    assert "mysql runs and does not become healthy (login refused). Its last lines:" in fail(machine)


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (container("mysql", "running", "unhealthy"), "mysql runs and does not become healthy"),
        (container("mysql", "exited", "", exit=0), "mysql ended with status 0"),
        (container("mysql", "exited", "", exit=137), "mysql ended with status 137"),
        (container("mysql", "restarting", "", exit=1), "mysql ends again and again, the last time with status 1"),
        (container("mysql", "running", "starting", restarts=2, exit=1), "mysql ends again and again"),
    ],
)
def test_server_that_fails(machine: Machine, now: dict[str, Any], sentence: str) -> None:
    machine.state["started"] = [but(container("mysql", "running", "starting")), but(now)]
    assert sentence in fail(machine)


def test_server_that_never_becomes_healthy(machine: Machine) -> None:
    machine.state["started"] = [but(container("mlflow", "running", "starting"))]
    machine.state["logs"] = {"mlflow": "still migrating"}
    err = fail(machine, "QUARTET_UP_SECONDS=1")
    assert "mlflow is not ready after 1 s" in err
    assert "| still migrating" in err


def test_what_waits_for_another_is_not_blamed(machine: Machine) -> None:
    waiting = container("airflow-apiserver", "created", "")
    machine.state["started"] = [but(waiting, container("mlflow", "running", "starting"))]
    assert "mlflow is not ready" in fail(machine, "QUARTET_UP_SECONDS=1")


def test_too_few_workers_are_not_enough(machine: Machine) -> None:
    machine.state |= {"services": services(workers=2), "started": [whole(workers=1)]}
    assert "airflow-worker is not ready" in fail(machine, "EXECUTOR=celery", "QUARTET_UP_SECONDS=1")


def test_compose_that_gives_up(machine: Machine) -> None:
    machine.state |= {"started": [[]], "up_says": "Error: could not find an available subnet"}
    assert "  | Error: could not find an available subnet" in fail(machine)


def test_leftovers_of_an_earlier_failure_are_no_failure(machine: Machine) -> None:
    old = but(container("mysql-init", "exited", "", exit=1), container("mlflow", "exited", "", exit=1))
    machine.state |= {
        "containers": old,
        "started": [old, but(container("mysql-init", "running", "", started="second")), whole()],
    }
    assert machine.type("up")[0] == 0


def test_server_that_ran_before_may_be_away_for_a_moment(machine: Machine) -> None:
    away = but(container("mlflow", "restarting", "", restarts=3, exit=1, started="second"))
    machine.state |= {"containers": whole(), "started": [away, whole()]}
    assert machine.type("up")[0] == 0
