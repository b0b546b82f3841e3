"""`make up` in containers: settings, secrets, images, start and table, and that a second time changes nothing."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from compose.launch.settings.secrets import MAKERS, OPTIONAL
from tests.compose.machine import Machine, but, container, copy_launcher, services, whole


def test_up_makes_settings_and_secrets_and_shows_where_everything_is(machine: Machine) -> None:
    status, out, err = machine.type("up")
    assert status == 0, err
    assert re.search(r"^Quartet is up after \d+ s: LocalExecutor\.", out)
    for name, user, file in (
        ("AIRFLOW_PORT", "admin", "airflow_admin_password"),
        ("MLFLOW_PORT", "admin", "mlflow_admin_password"),
        ("MYSQL_PORT", "writer", "mysql_writer_password"),
    ):
        assert re.search(rf"127\.0\.0\.1:{machine.ports[name]}\S* +{user} +compose/secrets/{file}$", out, re.M)
    assert "9001" not in out  # the store is not published here
    assert not any(secret in out + err for secret in passwords(machine).values())
    assert not (machine.root / ".env").exists()
    assert machine.calls("up")[0][-4:] == ["up", "-d", "--no-build", "--remove-orphans"]


def passwords(machine: Machine) -> dict[str, str]:
    return {name: machine.secret(name).read_text() for name in MAKERS}


def test_secrets_are_random_whole_and_for_this_user_only(machine: Machine) -> None:
    machine.type("up")
    assert stat.S_IMODE(machine.secret(".").stat().st_mode) == 0o700
    found = passwords(machine)
    assert len(set(found.values())) == len(found)
    assert re.fullmatch(r"[0-9a-f]{128}", found.pop("airflow_jwt_secret"))
    assert re.fullmatch(r"[\w-]{43}=", found.pop("airflow_fernet_key"))
    assert all(re.fullmatch(r"[0-9a-f]{48}", text) for text in found.values())
    assert {stat.S_IMODE(machine.secret(name).stat().st_mode) for name in MAKERS} == {0o444}
    assert [machine.secret(name).read_text() for name in OPTIONAL] == ["", ""]


def test_again_changes_nothing_and_keeps_the_executor(machine: Machine) -> None:
    machine.state |= {"services": services(workers=3), "started": [whole(workers=3)]}
    assert machine.type("up", "EXECUTOR=celery", "WORKERS=3")[0] == 0
    before = (machine.root / ".env").read_text(), passwords(machine)
    machine.forget()
    status, out, _ = machine.type("up")
    assert status == 0
    assert "CeleryExecutor with 3 workers" in out
    assert ((machine.root / ".env").read_text(), passwords(machine)) == before
    told = next(call["settings"] for call in machine.told() if "up" in call["words"])
    assert (told["EXECUTOR"], told["COMPOSE_PROFILES"], told["WORKERS"]) == ("CeleryExecutor", "celery", "3")


def test_only_what_was_typed_is_written(machine: Machine) -> None:
    machine.type("up")
    machine.secret("slack_bot_token").write_text("xoxb-1\n")
    machine.set("SLACK_CHANNEL", "'#alerts' # mine")
    machine.type("up", "DEMO=1")
    settings = machine.settings()
    assert (settings["DEMO"], settings["COMPOSE_PROFILES"]) == ("1", "demo")
    assert settings["QUARTET_UPBIT_URL"] == "http://exchange:8788/v1"
    assert settings["SLACK_CHANNEL"] == "'#alerts' # mine"
    assert machine.kept().keys() == {"SLACK_CHANNEL", "DEMO", "COMPOSE_PROFILES", "QUARTET_UPBIT_URL"}
    machine.type("up", "DEMO=")
    assert (machine.settings()["DEMO"], machine.settings()["QUARTET_UPBIT_URL"]) == ("", "")


def test_environment_wins_for_the_moment_and_is_not_kept(machine: Machine) -> None:
    machine.state |= {"services": services(workers=2), "started": [whole(workers=2)]}
    assert machine.type("up", EXECUTOR="celery")[0] == 0
    told = next(call["settings"] for call in machine.told() if "up" in call["words"])
    assert (told["EXECUTOR"], told["COMPOSE_PROFILES"]) == ("CeleryExecutor", "celery")
    assert (machine.settings()["EXECUTOR"], machine.settings()["COMPOSE_PROFILES"]) == ("LocalExecutor", "")


def test_what_is_switched_off_is_stopped(machine: Machine) -> None:
    machine.state |= {"services": services(workers=2), "started": [whole(workers=2)]}
    machine.type("up", "EXECUTOR=celery")
    machine.state |= {"services": services(), "started": [whole()]}
    assert machine.type("up", "EXECUTOR=local")[0] == 0
    assert machine.calls("stop") == [["stop", "worker-0", "worker-1"]]


def test_demo_and_real_data_are_not_mixed(machine: Machine) -> None:
    machine.fill()
    for words, environment in ((["DEMO=1"], {}), ([], {"DEMO": "1"})):
        status, _, err = machine.type("up", *words, **environment)
        assert status == 2
        assert "holds real data, which the demo can't go on with" in err
        assert "make clean" in err
        assert not machine.calls("up")
    assert machine.settings()["DEMO"] == ""
    assert machine.type("up", "DEMO=1", "COMPOSE_PROJECT_NAME=other")[0] == 0


def test_image_that_cannot_be_pulled_names_its_line(machine: Machine) -> None:
    machine.state["images"].remove("mysql:9.7")
    machine.state["pull_says"] = "Error response from daemon: manifest unknown"
    status, _, err = machine.type("up")
    assert status == 1
    assert "The image mysql:9.7 can't be pulled: Error response from daemon: manifest unknown" in err
    assert "the line MYSQL_IMAGE= in .env" in err
    assert not machine.calls("up")


def test_build_that_fails_shows_its_end(machine: Machine) -> None:
    machine.state["build_says"] = "\n".join(f"step {number}" for number in range(40))
    status, _, err = machine.type("up")
    assert status == 1
    assert "quartet:local can't be built" in err
    assert "| step 39" in err
    assert "| step 24\n" not in err
    assert not machine.calls("up")


def test_image_of_a_registry_is_pulled_and_not_built(machine: Machine) -> None:
    machine.set("QUARTET_IMAGE", "registry.example/quartet:1.2")
    told = services()
    for name in ("mlflow", "airflow-apiserver"):
        told[name]["image"] = "registry.example/quartet:1.2"
    machine.state["services"] = told
    assert machine.type("up")[0] == 0
    assert machine.calls("pull") == [["compose", "pull", "--quiet", "--policy", "missing"]]
    assert not machine.calls("build")


def test_compose_file_that_cannot_be_read_is_told(machine: Machine) -> None:
    machine.state["config_says"] = "services.mysql.image must be a string"
    status, _, err = machine.type("up")
    assert (status, "services.mysql.image must be a string" in err) == (1, True)


def test_ports_of_our_own_containers_are_not_in_the_way(machine: Machine) -> None:
    import socket

    with socket.create_server(("127.0.0.1", machine.ports["AIRFLOW_PORT"])):
        machine.state["containers"] = [container("airflow-apiserver", port=machine.ports["AIRFLOW_PORT"])]
        assert machine.type("up")[0] == 0


def test_ctrl_c_leaves_containers_and_says_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    machine.state["started"] = [but(container("mlflow", "running", "starting"))]
    monkeypatch.setattr("compose.launch.containers.stack.find_failure", interrupt)
    status, out, err = machine.type("up")
    assert (status, out) == (130, "")
    assert err.endswith("\nStopped by hand; what has started keeps running:  make ps  make down\n")
    assert not machine.calls("down")


def test_launcher_finds_a_python_by_itself(machine: Machine) -> None:
    copy_launcher(machine.root)
    words = {"QUARTET_TYPED": "EXECUTER", "EXECUTER": "celery", "PATH": "/usr/bin:/bin"}
    words["PATH"] = f"{Path(sys.executable).parent}:{words['PATH']}"
    done = subprocess.run(
        ["bash", "compose/launch.sh", "up"], cwd=machine.root, env=words, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (2, "EXECUTER= is not known to make up; did you mean EXECUTOR.\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_settings_of_another_user_are_left_alone(machine: Machine) -> None:
    machine.set("DEMO", "")
    os.chown(machine.root / ".env", 12345, 12345)
    status, _, err = machine.type("up")
    assert (status, "belongs to another user" in err) == (2, True)
