"""Servers of a user's own: the stack leaves its container out, and every service that uses one knows the address."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from compose.launch.settings.read_settings import ELSEWHERE, choose_files
from tests.compose.machine import Machine

ROOT = Path(__file__).resolve().parents[2]
FILES = "docker-compose.yml:docker-compose.override.yml"
SETTINGS = {
    "MYSQL_HOST": "mysql.example",
    "POSTGRES_HOST": "postgres.example",
    "REDIS_HOST": "redis.example",
    "S3_ENDPOINT_URL": "https://store.example",
}
PORTS = {"MYSQL_PORT": "3316", "POSTGRES_PORT": "5442", "REDIS_PORT": "6389"}
# The secret that who uses a server holds, and what its environment holds then.
USERS = {
    "MYSQL_HOST": ("mysql_writer_password", {"MYSQL_SERVER": "mysql.example:3316"}),
    "POSTGRES_HOST": (
        "airflow_database_password mlflow_database_password",
        {"POSTGRES_SERVER": "postgres.example:5442"},
    ),
    "REDIS_HOST": ("redis_password", {"REDIS_SERVER": "redis.example:6389"}),
    "S3_ENDPOINT_URL": ("store_mlflow_key", {"STORE_URL": "https://store.example", "STORE_BUCKET": "mlflow"}),
}
OWN = {"MYSQL_HOST": "mysql", "POSTGRES_HOST": "postgres", "REDIS_HOST": "redis", "S3_ENDPOINT_URL": "store"}


def put_together(keys: tuple[str, ...]) -> dict[str, Any]:
    """Have Compose put the files together with servers elsewhere; answer with its services."""
    settings = {key: SETTINGS[key] for key in keys}
    around = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "COMPOSE_PROFILES": "celery,demo"}
    around |= settings | PORTS | choose_files(settings)
    words = ["docker", "compose", "config", "--format", "json"]
    done = subprocess.run(words, cwd=ROOT, env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["services"])


@pytest.mark.skipif(shutil.which("docker") is None, reason="Compose itself puts the files together")
@pytest.mark.parametrize("keys", [*((key,) for key in ELSEWHERE), tuple(ELSEWHERE)], ids="+".join)
def test_a_server_elsewhere_takes_the_place_of_ours(keys: tuple[str, ...]) -> None:
    services = put_together(keys)
    assert {name for key, name in OWN.items() if key not in keys} == services.keys() & set(OWN.values())
    for key in keys:
        secrets, address = USERS[key]
        users = [
            one for one in services.values() if {s["source"] for s in one.get("secrets", ())} & set(secrets.split())
        ]
        assert users
        for user in users:
            assert address.items() <= user["environment"].items()
            assert "outside" in user["networks"]
    for one in services.values():
        needed = {name for name, need in one.get("depends_on", {}).items() if need["required"]}
        assert needed <= services.keys()


def test_make_up_keeps_the_files_of_servers_elsewhere_and_drops_them_again(machine: Machine) -> None:
    status, _, err = machine.type("up", "MYSQL_HOST=mysql.example", "MYSQL_PORT=3306", "S3_ENDPOINT_URL=http://s3:9000")
    assert status == 0, err
    assert machine.kept()["COMPOSE_FILE"] == f"{FILES}:compose/servers/mysql.yml:compose/servers/store.yml"
    assert machine.type("up", "MYSQL_HOST=")[0] == 0
    assert machine.kept()["COMPOSE_FILE"] == f"{FILES}:compose/servers/store.yml"
    assert machine.type("up", "S3_ENDPOINT_URL=")[0] == 0
    assert machine.kept()["COMPOSE_FILE"] == FILES


def test_a_choice_of_compose_files_stays() -> None:
    chosen = {"COMPOSE_FILE": "docker-compose.yml:mine.yml"}
    assert choose_files(chosen) == chosen
    assert choose_files({}) == {}
    with_redis = choose_files({**chosen, "REDIS_HOST": "redis.example"})
    assert with_redis == {"COMPOSE_FILE": "docker-compose.yml:mine.yml:compose/servers/redis.yml"}


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("MYSQL_HOST=db:3306", "MYSQL_HOST=db:3306 (as it was typed) is no host"),
        ("POSTGRES_PORT=many", "POSTGRES_PORT=many (as it was typed) is no port"),
        ("MYSQL_ADMIN=root;", "MYSQL_ADMIN=root; (as it was typed) holds a sign that no such name has"),
        ("S3_ENDPOINT_URL=s3.example", "S3_ENDPOINT_URL=s3.example (as it was typed) is no address"),
    ],
)
def test_an_address_that_is_none_is_refused(machine: Machine, word: str, sentence: str) -> None:
    status, _, err = machine.type("up", word)
    assert status == 2
    assert sentence in err


def test_a_port_of_a_server_elsewhere_may_be_in_use_here(machine: Machine) -> None:
    """The other program that has MySQL's port may be the very server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert machine.type("up", f"MYSQL_PORT={port}")[0] == 2
        assert machine.type("up", "MYSQL_HOST=mysql.example", f"MYSQL_PORT={port}")[0] == 0
