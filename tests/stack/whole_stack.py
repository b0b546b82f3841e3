"""The whole stack of a copy of this repository: brought up by `make up`, gone with all it held at the end."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pymysql

from crypto_forecast.exchange.service import LIVE
from crypto_forecast.exchange.ticker.play_moments import CLOSE, list_moments
from tests.stack.airflow_api import AirflowApi, wait_until

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("AIRFLOW_PORT", "MLFLOW_PORT", "MYSQL_PORT", "STORE_PORT", "STORE_CONSOLE_PORT")
IMAGE = "quartet-test:local"
UP_SECONDS = 900
# What this process was started with must not reach the stack's own make.
FOREIGN = (
    "QUARTET_",
    "MLFLOW_",
    "AIRFLOW",
    "COMPOSE_",
    "MAKE",
    "MFLAGS",
    "EXECUTOR",
    "WORKERS",
    "DEMO",
    "SLACK_",
    "MODE",
    "MYSQL_",
    "POSTGRES_",
    "REDIS_",
    "S3_",
)
EXCHANGE = (
    "python -m crypto_forecast.exchange.service --host 0.0.0.0 --airflow http://airflow-apiserver:8080 "
    "--airflow-password-file /run/secrets/airflow_ticker_password --until {until}"
)


@dataclass
class WholeStack:
    """A stack, the ways into it, and the moments that were played on it."""

    root: Path
    name: str
    ports: dict[str, int]
    first_up: str = ""
    moments: list[datetime] = field(default_factory=list)

    @property
    def airflow(self) -> AirflowApi:
        return AirflowApi(f"http://127.0.0.1:{self.ports['AIRFLOW_PORT']}", self.read_secret("airflow_admin_password"))

    @property
    def mlflow_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['MLFLOW_PORT']}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        ports = {name: str(port) for name, port in self.ports.items()}
        return {**kept, **ports, "COMPOSE_PROJECT_NAME": self.name, "QUARTET_IMAGE": IMAGE}

    def make(self, *words: str, seconds: float = 1500) -> "subprocess.CompletedProcess[str]":
        return self._run(["make", *words], seconds=seconds, QUARTET_UP_SECONDS=str(UP_SECONDS))

    def up(self, *words: str) -> str:
        """`make up`, which has to work: what it printed."""
        done = self.make("up", "MODE=compose", *words)
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def compose(self, *words: str, text: str | None = None, seconds: float = 300) -> str:
        done = self._run(["docker", "compose", *words], text=text, seconds=seconds)
        assert done.returncode == 0, f"docker compose {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def execute(self, service: str, *command: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
        """Run a command in a container of a service."""
        return self._run(["docker", "compose", "exec", "-T", service, *command], text=text, seconds=120)

    def docker(self, *words: str, text: str | None = None) -> "subprocess.CompletedProcess[str]":
        return self._run(["docker", *words], text=text, seconds=300)

    def list_containers(self, service: str = "") -> list[dict[str, Any]]:
        """What `docker inspect` tells of all containers, or of a service's."""
        labels = ["--filter", f"label=com.docker.compose.project={self.name}"]
        if service:
            labels += ["--filter", f"label=com.docker.compose.service={service}"]
        ids = self.docker("ps", "-aq", *labels).stdout.split()
        return list(json.loads(self.docker("inspect", *ids).stdout)) if ids else []

    def kill_process(self, container: dict[str, Any]) -> None:
        """Kill -9 a container's first process from outside, which Docker takes for a crash and not for a stop."""
        pid = str(container["State"]["Pid"])
        killer = ["--rm", "--name", f"{self.name}-killer", "--pid=host", "--user=0", "--cap-add=KILL", "--network=none"]
        done = self.docker("run", *killer, "--entrypoint=bash", IMAGE, "-c", f"kill -9 {pid}")
        assert done.returncode == 0, done.stderr

    def wait_healthy(self, service: str, *, count: int = 1, seconds: float = 240) -> None:
        def look() -> bool:
            found = self.list_containers(service)
            return len(found) == count and all(
                one["State"]["Running"] and one["State"].get("Health", {}).get("Status") == "healthy" for one in found
            )

        wait_until(look, f"{service} is healthy", seconds)

    def read_secret(self, name: str) -> str:
        return (self.root / "compose" / "secrets" / name).read_text(encoding="utf-8")

    def read_secrets(self) -> dict[str, str]:
        """All that hold something: those of Slack are empty."""
        folder = self.root / "compose" / "secrets"
        return {path.name: text for path in sorted(folder.glob("[!.]*")) if (text := path.read_text(encoding="utf-8"))}

    def database_url(self, user: str = "writer") -> str:
        password = self.read_secret(f"mysql_{user}_password")
        return f"mysql+pymysql://{user}:{password}@127.0.0.1:{self.ports['MYSQL_PORT']}/quartet"

    def ask_mysql(self, statement: str, user: str = "reader") -> list[tuple[Any, ...]]:
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.ports["MYSQL_PORT"],
            user=user,
            password=self.read_secret(f"mysql_{user}_password"),
            database="quartet",
            autocommit=True,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def ask_postgres(self, user: str, database: str, statement: str) -> "subprocess.CompletedProcess[str]":
        """Run a statement as a user, over TCP, where a password is asked for."""
        script = f'PGPASSWORD=$(cat) psql -h 127.0.0.1 -U {user} -d {database} -qAtc "$1"'
        password = self.read_secret(f"{user}_database_password")
        return self.execute("postgres", "bash", "-c", script, "bash", statement, text=password)

    def next_moment(self) -> datetime:
        """Take the close after the last one that was played."""
        self.moments.append(max(self.moments) + CLOSE)
        return self.moments[-1]

    def override(self, service: str, lines: str) -> None:
        """Put a setting of a service into the copy's override file."""
        path = self.root / "docker-compose.override.yml"
        text, head = path.read_text(encoding="utf-8"), f"\n  {service}:\n"
        if head not in text:
            text = text.replace("\nservices:\n", f"\nservices:{head}\n", 1)
        path.write_text(text.replace(head, f"{head}    {lines}\n", 1), encoding="utf-8")

    def _run(
        self, command: list[str], *, text: str | None = None, seconds: float, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, cwd=self.root, env={**self.environment, **environment}, input="" if text is None else text,
            capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip


@contextmanager
def open_stack(moments: int) -> Iterator[WholeStack]:
    """A copy of this repository that is ready for `make up`; its exchange ticks for so many moments."""
    root = Path(tempfile.mkdtemp(prefix="quartet-test-"))
    ticked = list(islice(list_moments(LIVE, LIVE + timedelta(days=7)), moments))
    stack = WholeStack(root, f"quartet-test-{secrets.token_hex(4)}", find_free_ports(), moments=ticked)
    try:
        copy_repository(root)
        stack.override("exchange", f"command: {EXCHANGE.format(until=write_key(ticked[-1]))}")
        yield stack
    finally:
        take_down(stack)
        shutil.rmtree(root, ignore_errors=True)


def take_down(stack: WholeStack) -> None:
    """Remove containers, volumes and networks, by their name where Compose itself can't."""
    stack._run(["docker", "compose", "--profile", "*", "down", "-v", "--remove-orphans", "-t", "5"], seconds=300)
    mine = f"label=com.docker.compose.project={stack.name}"
    for kind, remove in (("container", ["rm", "-f", "-v"]), ("volume", ["rm", "-f"]), ("network", ["rm"])):
        everything = ["-a"] if kind == "container" else []
        for one in stack.docker(kind, "ls", "-q", *everything, "--filter", mine).stdout.split():
            stack.docker(kind, *remove, one)


def copy_repository(to: Path) -> None:
    """Copy what git knows, and what it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, to / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def find_free_ports() -> dict[str, int]:
    with ExitStack() as held:
        probes = {name: held.enter_context(socket.socket()) for name in PORTS}
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: int(probe.getsockname()[1]) for name, probe in probes.items()}


def write_key(at: datetime) -> str:
    """Write a moment as the partition key of its runs."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
