"""What `make up` says before it changes anything: the machine, the settings, the secrets, what was typed."""

import re
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from compose.launch.command import IMAGES, KEYS
from compose.launch.containers import docker
from compose.launch.containers.docker import read_version
from compose.launch.settings.read_settings import parse_settings, read_defaults
from tests.compose.machine import ENGINE, ROOT, Machine


def refuse(machine: Machine, *words: str, **environment: str) -> str:
    """Type make up, which must stop before anything is changed."""
    before = sorted(machine.root.rglob("*"))
    status, out, err = machine.type("up", *words, **environment)
    assert (status, out) == (2, "")
    assert not machine.calls("up")
    assert not machine.calls("build")
    assert {path for path in machine.root.rglob("*") if "docker" not in path.parts} <= set(before)
    return err


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ({"info": {**ENGINE, "ServerVersion": "19.03.15"}}, "The Docker engine is 19.03.15; 20.10 or newer is needed"),
        ({"compose": "2.24.3"}, "Docker Compose is 2.24.3; 2.24.4 or newer is needed"),
        ({"compose": "1.29.2"}, "2.24.4 or newer"),
        ({"info": {**ENGINE, "MemTotal": 3_400_000_000}}, "Docker has 3.4 GB of memory; 3.5 GB are needed"),
    ],
)
def test_machine_that_is_not_enough(machine: Machine, state: dict[str, Any], sentence: str) -> None:
    machine.state |= state
    assert sentence in refuse(machine)


def test_celery_needs_more_memory(machine: Machine) -> None:
    machine.state["info"] = {**ENGINE, "MemTotal": 4_000_000_000}
    err = refuse(machine, "EXECUTOR=celery")
    assert "4.5 GB are needed with Celery workers" in err
    assert "make up EXECUTOR=local" in err


@pytest.mark.parametrize(("built", "needed"), [(True, 1), (False, 6)])
def test_disk(machine: Machine, monkeypatch: pytest.MonkeyPatch, built: bool, needed: int) -> None:
    usage = shutil.disk_usage("/")._replace(free=needed * 1_000_000_000 - 1_000_000)
    monkeypatch.setattr(docker.shutil, "disk_usage", lambda _: usage)
    if not built:
        machine.state["images"].remove("quartet:local")
    assert f"where Docker keeps its data; {needed} GB are needed" in refuse(machine)


@pytest.mark.parametrize(
    ("older", "newer"), [("2.24.4", "2.24.10"), ("2.40.3-3", "5.0.0"), ("v2.24.4", "2.24.5-desktop.1"), ("", "2")]
)
def test_versions_are_compared_as_numbers(older: str, newer: str) -> None:
    assert read_version(older) < read_version(newer)


def test_busy_port_is_told_with_a_free_one(machine: Machine) -> None:
    port = machine.ports["MLFLOW_PORT"]
    with socket.create_server(("127.0.0.1", port)):
        err = refuse(machine)
    assert f"Port {port} (MLFLOW_PORT) is in use by another program" in err
    assert "make up MLFLOW_PORT=" in err


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("AIRFLOW_PORT", "80", "AIRFLOW_PORT=80 (in .env) is no port: a number from 1024 to 65535 is"),
        ("AIRFLOW_PORT", "abc", "is no port"),
        ("AIRFLOW_PORT", "५०००", "is no port"),
        ("AIRFLOW_PORT", "", "AIRFLOW_PORT= (in .env) is no port"),
        ("EXECUTOR", "KubernetesExecutor", "is none: make up EXECUTOR=local or EXECUTOR=celery"),
        ("WORKERS", "0", "WORKERS=0 (in .env) can't be"),
        ("WORKERS", "two", "a number from 1 to 32"),
        ("DEMO", "yes", "DEMO=yes (in .env) is neither"),
        ("COMPOSE_PROJECT_NAME", "My Stack", "can't name a stack"),
        ("MYSQL_IMAGE", "", "MYSQL_IMAGE= (in .env) names no image"),
        ("MYSQL_IMAGE", "-v /:/x", "names no image"),
    ],
)
def test_wrong_value_in_the_settings(machine: Machine, key: str, value: str, sentence: str) -> None:
    machine.set(key, value)
    assert sentence in refuse(machine)


def test_ports_must_differ(machine: Machine) -> None:
    machine.set("MLFLOW_PORT", str(machine.ports["AIRFLOW_PORT"]))
    assert "MLFLOW_PORT and AIRFLOW_PORT are both" in refuse(machine)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("just words", "is neither KEY=value nor a comment"),
        ("DEMO=1", "DEMO stands there twice"),
    ],
)
def test_wrong_line_in_the_settings(machine: Machine, line: str, sentence: str) -> None:
    machine.set("DEMO", "")
    path = machine.root / ".env"
    path.write_text(path.read_text() + line + "\n")
    number = len(path.read_text().splitlines())
    err = refuse(machine)
    assert f".env, line {number}: " in err
    assert sentence in err


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("AIRFLOW_PROT=8081", ".env, line 2: the key AIRFLOW_PROT is not one of ours; did you mean AIRFLOW_PORT?"),
        ("XYZ=1", ""),
        ("HTTPS_PROXY=http://proxy:3128", ""),
    ],
)
def test_foreign_key_in_the_settings_passes(machine: Machine, line: str, hint: str) -> None:
    (machine.root / ".env").write_text(f"WORKERS=2\n{line}\n")
    status, _, err = machine.type("up")
    assert status == 0
    assert (hint in err) if hint else (".env" not in err)
    assert (machine.root / ".env").read_text() == f"WORKERS=2\n{line}\n"


def test_the_example_lists_all_settings_with_the_defaults_that_hold() -> None:
    text = (ROOT / "compose/.env.example").read_text()
    assert {key for key in KEYS if not re.search(rf"\b{key}\b", text)} == set()
    example = parse_settings(re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.M))
    defaults = read_defaults(ROOT)
    assert {key: value for key, value in example.items() if key in defaults} == {
        key: value for key, value in defaults.items() if key not in set(IMAGES) - {"QUARTET_IMAGE"}
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["EXECUTER=celery"], "EXECUTER= is not known to make up; did you mean EXECUTOR."),
        (["s=mlflow"], "s= is not known to make up"),
        (["MODE=docker"], "MODE=docker is none: MODE=compose or MODE=embedded."),
        (["EXECUTOR=kubernetes"], "EXECUTOR=kubernetes (as it was typed) is none"),
        (["SLACK_CHANNEL=a'b"], "holds a quote or a line break"),
        (["QUARTET_UP_SECONDS=soon"], "QUARTET_UP_SECONDS=soon can't be"),
    ],
)
def test_wrong_words(machine: Machine, words: list[str], sentence: str) -> None:
    assert sentence in refuse(machine, *words)


def test_all_that_is_wrong_is_told_at_once(machine: Machine) -> None:
    machine.state |= {"compose": "2.20.0", "info": {**ENGINE, "MemTotal": 1}}
    machine.set("DEMO", "yes")
    err = refuse(machine)
    assert err.count("\n") == 4
    assert err.endswith("Nothing was changed.\n")


def test_link_in_the_place_of_settings_or_secrets(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (machine.root / ".env").symlink_to(elsewhere / "env")
    (machine.root / "compose/secrets").symlink_to(elsewhere)
    err = refuse(machine)
    assert err.count("is a link") == 2
    assert list(elsewhere.iterdir()) == []


def empty(path: Path) -> None:
    path.chmod(0o644)
    path.write_text("")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (Path.unlink, "compose/secrets/mysql_writer_password is gone, and the stack's data was made with it: restore"),
        (empty, "compose/secrets/mysql_writer_password is empty, and the stack's data was made with it: restore"),
        (make_folder, "mysql_writer_password is a folder and should be a file"),
    ],
)
def test_lost_secret_of_a_stack_with_data(machine: Machine, damage: Any, sentence: str) -> None:
    machine.fill()
    damage(machine.secret("mysql_writer_password"))
    err = refuse(machine)
    assert sentence in err


@pytest.mark.parametrize("damage", [Path.unlink, empty])
def test_lost_secret_of_a_stack_without_data_is_made_anew(machine: Machine, damage: Any) -> None:
    machine.fill()
    machine.state["volumes"] = []
    damage(machine.secret("mysql_writer_password"))
    kept = machine.secret("redis_password").read_text()
    assert machine.type("up")[0] == 0
    assert len(machine.secret("mysql_writer_password").read_text()) == 48
    assert machine.secret("redis_password").read_text() == kept


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("redis_password", "restored\n", "holds a space or a line break"),
        ("airflow_fernet_key", "short", "is no Fernet key"),
        ("slack_bot_token", "xoxb-1", "holds a token, but no channel is named"),
    ],
)
def test_secret_that_is_not_whole(machine: Machine, name: str, text: str, sentence: str) -> None:
    machine.fill()
    machine.secret(name).chmod(0o644)
    machine.secret(name).write_text(text)
    err = refuse(machine)
    assert sentence in err
    assert text.strip() not in err.replace("short", "", 0) or name == "airflow_fernet_key"


def test_channel_without_a_token_is_told(machine: Machine) -> None:
    assert "slack_bot_token is empty" in refuse(machine, "SLACK_CHANNEL=#alerts")


def test_slack_token_with_a_channel_is_fine(machine: Machine) -> None:
    machine.fill()
    machine.secret("slack_bot_token").write_text("xoxb-1\n")
    assert machine.type("up", "SLACK_CHANNEL=#alerts")[0] == 0
    assert machine.settings()["SLACK_CHANNEL"] == "'#alerts'"
    assert machine.type("up")[0] == 0
