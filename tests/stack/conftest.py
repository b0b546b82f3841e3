"""A MySQL server in a container of its own, and a clean database in it for each test."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest
from pymysql.cursors import Cursor

from db_handler.database import Database, open_database

IMAGE = "mysql:9.7"
FLAGS = ("--character-set-server=utf8mb4", "--default-time-zone=+00:00", "--innodb-buffer-pool-size=256M")


@dataclass(frozen=True)
class Server:
    """A running container and how to log in to it."""

    name: str
    port: int
    password: str
    root_password: str

    @property
    def url(self) -> str:
        return f"mysql+pymysql://writer:{self.password}@127.0.0.1:{self.port}/quartet"

    def connect(self) -> "pymysql.connections.Connection[Cursor]":
        login = {"user": "writer", "password": self.password, "database": "quartet"}
        return pymysql.connect(host="127.0.0.1", port=self.port, **login)

    def ask_root(self, statement: str) -> None:
        command = ["docker", "exec", "-e", "MYSQL_PWD", self.name, "mysql", "-uroot", "-e", statement]
        run_docker(command, MYSQL_PWD=self.root_password)

    def restart(self) -> None:
        run_docker(["docker", "restart", "-t", "20", self.name])

    def wait(self, seconds: float = 120) -> None:
        """Until the writer can log in: the server answers to others before its users are there."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.connect().close()
            except pymysql.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return


def run_docker(command: list[str], **environment: str) -> str:
    # Passwords go by the environment, since every process may read another's command line.
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=True, timeout=300
    )
    return done.stdout.strip()


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def mysql_server() -> Iterator[Server]:
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker engine answers, and MySQL is tested in a container")
    server = Server(
        f"quartet-test-{secrets.token_hex(4)}", find_free_port(), secrets.token_hex(16), secrets.token_hex(16)
    )
    passwords = {"MYSQL_PASSWORD": server.password, "MYSQL_ROOT_PASSWORD": server.root_password}
    plain = {"MYSQL_ROOT_HOST": "localhost", "MYSQL_USER": "writer", "MYSQL_DATABASE": "quartet"}
    settings = [word for name in (*passwords, *plain) for word in ("-e", name)]
    port = f"127.0.0.1:{server.port}:3306"
    try:
        run_docker(
            ["docker", "run", "-d", "--name", server.name, "-p", port, *settings, IMAGE, *FLAGS], **passwords, **plain
        )
        server.wait()
        yield server
    finally:
        subprocess.run(["docker", "rm", "-f", "-v", server.name], capture_output=True, check=False)


@pytest.fixture(scope="session")
def mysql_url(mysql_server: Server) -> str:
    return mysql_server.url


@pytest.fixture
def home(mysql_server: Server, mysql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty database on the server, which the environment names."""
    monkeypatch.setenv("QUARTET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUARTET_DATABASE_URL", mysql_url)
    with mysql_server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE `{table}`")
    return tmp_path / "home"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with open_database() as fresh:
        yield fresh
