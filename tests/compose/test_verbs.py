"""The other verbs, on a stack in containers: down, ps, logs, restart, user, scale."""

import stat

import pytest

from tests.compose.machine import Machine, container, services, whole

MADE = "warning: something\nmade"


def test_down_keeps_data_and_finds_services_of_every_profile(machine: Machine) -> None:
    machine.fill()
    status, out, _ = machine.type("down")
    assert status == 0
    assert out.endswith("All data are kept.\n")
    call = next(call for call in machine.told() if "down" in call["words"])
    assert call["words"] == ["compose", "down", "--remove-orphans"]
    assert call["settings"]["COMPOSE_PROFILES"] == "celery,demo"
    assert machine.type("down")[1] == "Nothing is running.\n"


def test_ps(machine: Machine) -> None:
    assert machine.type("ps")[:2] == (0, "Nothing is up: type  make up\n")
    machine.fill()
    assert machine.type("ps")[1].startswith("SERVICE")


def test_logs_of_one_service(machine: Machine) -> None:
    machine.fill()
    machine.state["logs"] = {"mlflow": "hello"}
    assert machine.type("logs", "s=mlflow")[:2] == (0, "hello\n")
    assert machine.calls("logs")[0] == ["compose", "logs", "--tail", "200", "mlflow"]
    assert machine.type("logs")[0] == 0


@pytest.mark.parametrize("verb", ["logs", "restart"])
@pytest.mark.parametrize("name", ["mlflwo", "--help", "mlflow; rm -rf ."])
def test_name_of_no_service(machine: Machine, verb: str, name: str) -> None:
    machine.fill()
    status, _, err = machine.type(verb, f"s={name}")
    assert status == 2
    assert f"s={name} is no service; " in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("verb", ["logs", "restart", "user", "scale"])
def test_nothing_is_up(machine: Machine, verb: str) -> None:
    words = {"user": ["name=anna"], "scale": ["WORKERS=2"]}.get(verb, [])
    status, _, err = machine.type(verb, *words)
    assert (status, err) == (1, "Nothing is up: type  make up  first.\n")


def test_restart_takes_servers_only(machine: Machine) -> None:
    machine.fill()
    assert machine.type("restart")[0] == 0
    assert machine.calls("restart") == [["compose", "restart", "airflow-apiserver", "mlflow", "mysql"]]
    assert machine.type("restart", "s=mysql-init")[0] == 2


def test_user_gets_a_password_that_only_its_file_tells(machine: Machine) -> None:
    machine.fill()
    machine.state["exec_says"] = [MADE]
    status, out, err = machine.type("user", "name=anna", "role=Op")
    assert (status, out) == (0, "User anna (Op): compose/secrets/users/anna\n"), err
    path = machine.secret("users/anna")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    call = next(call for call in machine.told() if "exec" in call["words"])
    assert call["given"] == path.read_text()
    assert path.read_text() not in " ".join(call["words"]) + out + err


def test_existing_user_keeps_the_password_unless_asked(machine: Machine) -> None:
    machine.fill()
    machine.state["exec_says"] = [MADE, "there", "changed"]
    machine.type("user", "name=anna", "role=Op")
    first = machine.secret("users/anna").read_text()
    status, _, err = machine.type("user", "name=anna", "role=Op")
    assert status == 1
    assert "make user name=anna reset=1" in err
    assert machine.secret("users/anna").read_text() == first
    assert machine.type("user", "name=anna", "reset=1")[0] == 0
    assert machine.secret("users/anna").read_text() != first
    assert machine.told()[-1]["given"] == machine.secret("users/anna").read_text()


def test_user_that_airflow_refuses(machine: Machine) -> None:
    machine.fill()
    machine.state["exec_says"] = ["something went wrong"]
    status, _, err = machine.type("user", "name=anna")
    assert status == 1
    assert "The user anna can't be made:\n  | something went wrong" in err
    assert not machine.secret("users/anna").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name='' can't be"),
        (["name=../../etc"], "can't be"),
        (["name=Anna"], "small letters"),
        (["name=-h"], "can't be"),
        (["name=anna\n"], "can't be"),
        (["name=anna", "role=Root"], "role='Root' is none; there are Admin, Op, User, Viewer"),
    ],
)
def test_user_with_nonsense(machine: Machine, words: list[str], sentence: str) -> None:
    machine.fill()
    status, _, err = machine.type("user", *words)
    assert status == 2
    assert sentence in err
    assert not machine.calls("exec")


def test_scale(machine: Machine) -> None:
    machine.state |= {"services": services(workers=2), "started": [whole(workers=2)]}
    machine.type("up", "EXECUTOR=celery")
    machine.state |= {"services": services(workers=4), "started": [whole(workers=4)]}
    machine.forget()
    assert machine.type("scale", "WORKERS=4")[0] == 0
    assert machine.settings()["WORKERS"] == "4"
    assert machine.calls("up", "--wait")[0][-3:] == ["--no-build", "--no-deps", "airflow-worker"]
    assert next(call["settings"] for call in machine.told() if "up" in call["words"])["WORKERS"] == "4"


def test_scale_without_workers(machine: Machine) -> None:
    machine.fill()
    status, _, err = machine.type("scale", "WORKERS=4")
    assert status == 2
    assert "make up EXECUTOR=celery WORKERS=4" in err
    assert machine.settings()["WORKERS"] == "2"
    assert "How many workers?" in machine.type("scale")[2]
    machine.state["containers"].append(container("airflow-worker"))
    assert "can't be" in machine.type("scale", "WORKERS=many")[2]
