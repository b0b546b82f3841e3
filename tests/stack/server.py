"""A MySQL server in a container of its own, for as long as it is asked for."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pymysql
from pymysql.cursors import Cursor

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

    def connect(self, *, local_infile: bool = False) -> "pymysql.connections.Connection[Cursor]":
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="writer",
            password=self.password,
            database="quartet",
            local_infile=local_infile,
        )

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


def has_docker() -> bool:
    """Whether an engine answers."""
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    )


@contextmanager
def run_server(prefix: str, *flags: str) -> Iterator[Server]:
    """A new server, gone with all it held at the end; `flags` are further options of mysqld."""
    server = Server(f"{prefix}-{secrets.token_hex(4)}", find_free_port(), secrets.token_hex(16), secrets.token_hex(16))
    passwords = {"MYSQL_PASSWORD": server.password, "MYSQL_ROOT_PASSWORD": server.root_password}
    plain = {"MYSQL_ROOT_HOST": "localhost", "MYSQL_USER": "writer", "MYSQL_DATABASE": "quartet"}
    settings = [word for name in (*passwords, *plain) for word in ("-e", name)]
    start = ["docker", "run", "-d", "--name", server.name, "-p", f"127.0.0.1:{server.port}:3306"]
    try:
        run_docker([*start, *settings, IMAGE, *FLAGS, *flags], **passwords, **plain)
        server.wait()
        yield server
    finally:
        subprocess.run(["docker", "rm", "-f", "-v", server.name], capture_output=True, check=False)


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
