"""The Docker engine: whether there is one, and whether it is enough."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import NO_ANSWER
from compose.launch.containers.run_docker import Docker
from compose.launch.terminal import last_line

GB = 1_000_000_000
HOW = "https://docs.docker.com/engine/install"


@dataclass(frozen=True)
class Engine:
    """An engine that answers, with Compose beside it."""

    version: str
    compose: str
    memory: int
    folder: str  # where it keeps its data


def find_engine(docker: Docker) -> Engine | str:
    """Answer with the engine, or with the reason why there is none."""
    if docker.program is None:
        return "there is no Docker here"
    try:
        info = json.loads(docker.ask("info", "--format", "{{json .}}", seconds=30).stdout)
        version = str(info["ServerVersion"])
    except (ValueError, KeyError, TypeError):
        done = docker.ask("version", "--format", "{{.Server.Version}}", seconds=20)
        if "permission denied" in done.stderr.lower():
            return "Docker's engine refuses this user (sudo usermod -aG docker $USER, then log in again)"
        why = done.stderr if done.returncode == NO_ANSWER else last_line(done.stderr)[:200] or "start it"
        return f"Docker's engine doesn't answer ({why})"
    compose = docker.ask("compose", "version", "--short", seconds=30)
    if compose.returncode:
        return "Docker is here, but Docker Compose is not (install its plugin, docker-compose-plugin)"
    return Engine(version, compose.stdout.strip(), info.get("MemTotal") or 0, info.get("DockerRootDir") or "")


def check_engine(engine: Engine, *, celery: bool, built: bool) -> Iterator[str]:
    """Name whatever is too old or too little; of an engine in a virtual machine the disk is not known."""
    if read_version(engine.version) < (20, 10):
        yield f"The Docker engine is {engine.version}; 20.10 or newer is needed: {HOW}"
    if read_version(engine.compose) < (2, 24, 4):
        yield f"Docker Compose is {engine.compose}; 2.24.4 or newer is needed (package docker-compose-plugin): {HOW}"
    memory, workers, less = (4.5, " with Celery workers", "EXECUTOR=local") if celery else (3.5, "", "MODE=embedded")
    if engine.memory and engine.memory < memory * GB:
        yield (
            f"Docker has {engine.memory / GB:.1f} GB of memory; {memory} GB are needed{workers}: "
            f"give it more (Docker Desktop: Settings, Resources), or type  make up {less}"
        )
    needed = 1 if built else 6
    if Path(engine.folder).is_absolute() and Path(engine.folder).is_dir():
        free = shutil.disk_usage(engine.folder).free
        if free < needed * GB:
            yield (
                f"The disk has {free / GB:.1f} GB free at {engine.folder}, where Docker keeps its data; {needed} GB "
                "are needed: make room there, for example with  docker system prune"
            )


def read_version(text: str) -> tuple[int, ...]:
    """Take the numbers of a version, so that 2.24.10 is newer than 2.24.4.

    >>> read_version("v2.40.3-3"), read_version("20.10.24+dfsg1")
    ((2, 40, 3), (20, 10, 24))
    """
    match = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in match[1].split(".")) if match else ()
