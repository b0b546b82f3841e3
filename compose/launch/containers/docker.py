"""The docker program and its engine: whether there is one, and whether it is enough."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import Popen
from typing import Any

from compose.launch.command import Command, run_program
from compose.launch.settings.read_settings import PROFILES, Settings
from compose.launch.terminal import StopError, last_line, quote

DESCRIBE = ("describe", "--always", "--abbrev=40", "--dirty", "--exclude=*")  # a hash, "-dirty" behind it if it is
GB = 1_000_000_000
HOW = "https://docs.docker.com/engine/install"


@dataclass(frozen=True)
class Docker:
    """The program, or none, and the environment that carries the settings."""

    root: Path
    program: str | None
    environment: Mapping[str, str] = field(repr=False)

    @property
    def project(self) -> str:
        return self.environment["COMPOSE_PROJECT_NAME"]

    def of_project(self, name: str) -> "Docker":
        """Look at another stack."""
        return replace(self, environment={**self.environment, "COMPOSE_PROJECT_NAME": name})

    def take_all(self) -> "Docker":
        """Look at the services of every profile."""
        return replace(self, environment={**self.environment, "COMPOSE_PROFILES": ",".join(PROFILES)})

    def ask(self, *arguments: str, seconds: float = 60, given: str = "") -> subprocess.CompletedProcess[str]:
        """Call and wait."""
        return run_program([self.program or "docker", *arguments], self.root, self.environment, given, seconds)

    def do(self, *arguments: str, failing: str) -> None:
        """Call and wait; what fails stops with a sentence and Docker's own words."""
        done = self.ask(*arguments, seconds=300)
        if done.returncode:
            raise StopError(failing, *quote(done.stderr, 5), status=1)

    def show(self, *arguments: str) -> int:
        """Call with the user's own terminal."""
        words = [self.program or "docker", *arguments]
        return subprocess.run(words, cwd=self.root, env=self.environment, check=False).returncode  # noqa: S603

    @contextmanager
    def begin(self, *arguments: str, log: Path) -> Iterator["Popen[bytes]"]:
        """Call without waiting; a Ctrl-C does not reach it, and at the end only the program ends, not a container."""
        log.parent.mkdir(parents=True, exist_ok=True)
        words, env, none = [self.program or "docker", *arguments], self.environment, subprocess.DEVNULL
        with (
            log.open("wb") as out,
            Popen(words, cwd=self.root, env=env, stdin=none, stdout=out, stderr=out, start_new_session=True) as process,  # noqa: S603
        ):
            try:
                yield process
            finally:
                process.terminate()


def open_docker(command: Command, settings: Settings) -> Docker:
    """Find the program; what Compose reads from the environment are the settings as they were settled."""
    described = run_program(["git", *DESCRIBE], command.root, command.environment)
    revision = described.stdout.strip() if described.returncode == 0 else "unknown"
    environment = {"BUILDKIT_PROGRESS": "plain", **command.environment, **settings.values, "GIT_REVISION": revision}
    return Docker(command.root, shutil.which("docker", path=command.environment.get("PATH", os.defpath)), environment)


def find_reason(docker: Docker) -> str:
    """Answer with the reason why there is no engine to work with; with none where there is one."""
    if docker.program is None:
        return "there is no Docker here"
    done = docker.ask("info", "--format", "{{json .}}", seconds=30)
    if not _read_info(done.stdout).get("ServerVersion"):
        why = last_line(done.stderr)[:200] or "start it"
        if "permission denied" in why.lower():
            return "Docker's engine refuses this user (sudo usermod -aG docker $USER, then log in again)"
        return f"Docker's engine doesn't answer ({why})"
    if docker.ask("compose", "version", seconds=30).returncode:
        return "Docker is here, but Docker Compose is not (install its plugin, docker-compose-plugin)"
    return ""


def check_engine(docker: Docker, *, celery: bool, built: bool) -> Iterator[str]:
    """Name whatever is too old or too little; of an engine in a virtual machine the disk is not known."""
    info = _read_info(docker.ask("info", "--format", "{{json .}}", seconds=30).stdout)
    compose = docker.ask("compose", "version", "--short", seconds=30).stdout.strip()
    if read_version(info["ServerVersion"]) < (20, 10):
        yield f"The Docker engine is {info['ServerVersion']}; 20.10 or newer is needed: {HOW}"
    if read_version(compose) < (2, 24, 4):
        yield f"Docker Compose is {compose}; 2.24.4 or newer is needed (package docker-compose-plugin): {HOW}"
    memory, workers, less = (4.5, " with Celery workers", "EXECUTOR=local") if celery else (3.5, "", "MODE=embedded")
    has_memory, folder = info.get("MemTotal") or 0, info.get("DockerRootDir") or "-"
    if 0 < has_memory < memory * GB:
        has = f"Docker has {has_memory / GB:.1f} GB of memory; {memory} GB are needed{workers}"
        yield f"{has}: give it more (Docker Desktop: Settings, Resources), or type  make up {less}"
    needed = 1 if built else 6
    if Path(folder).is_dir() and (free := shutil.disk_usage(folder).free) < needed * GB:
        has = f"The disk has {free / GB:.1f} GB free at {folder}, where Docker keeps its data"
        yield f"{has}; {needed} GB are needed: make room there, for example with  docker system prune"


def read_version(text: str) -> tuple[int, ...]:
    """Take the numbers of a version, so that 2.24.10 is newer than 2.24.4."""
    match = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _read_info(text: str) -> dict[str, Any]:
    return dict(json.loads(text)) if text.startswith("{") else {}
