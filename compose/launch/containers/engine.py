"""The Docker engine: whether there is one, and whether it is enough."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compose.launch.containers.run_docker import NO_ANSWER, Docker
from compose.launch.terminal import last_lines

OLDEST_ENGINE, OLDEST_COMPOSE = (20, 10), (2, 24, 4)
GB = 1_000_000_000
MEMORY, MEMORY_WITH_WORKERS = 3.5, 4.5
DISK_BUILT, DISK_EMPTY = 1, 6
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
        return _explain_silence(docker)
    compose = docker.ask("compose", "version", "--short", seconds=30)
    if compose.returncode:
        return "Docker is here, but Docker Compose is not (install its plugin, docker-compose-plugin)"
    return Engine(version, compose.stdout.strip(), info.get("MemTotal") or 0, info.get("DockerRootDir") or "")


def check_engine(engine: Engine, *, celery: bool, built: bool) -> Iterator[str]:
    """Name whatever is too old or too little."""
    if read_version(engine.version) < OLDEST_ENGINE:
        yield f"The Docker engine is {engine.version}; 20.10 or newer is needed: {HOW}"
    if read_version(engine.compose) < OLDEST_COMPOSE:
        yield f"Docker Compose is {engine.compose}; 2.24.4 or newer is needed (package docker-compose-plugin): {HOW}"
    memory, workers, less = (
        (MEMORY_WITH_WORKERS, " with Celery workers", "EXECUTOR=local") if celery else (MEMORY, "", "MODE=embedded")
    )
    if engine.memory and engine.memory < memory * GB:
        yield (
            f"Docker has {engine.memory / GB:.1f} GB of memory; {memory} GB are needed{workers}: "
            f"give it more (Docker Desktop: Settings, Resources), or type  make up {less}"
        )
    free, needed = find_free_space(engine.folder), DISK_BUILT if built else DISK_EMPTY
    if free is not None and free < needed * GB:
        yield (
            f"The disk has {free / GB:.1f} GB free at {engine.folder}, where Docker keeps its data; {needed} GB are "
            "needed: make room there, for example with  docker system prune"
        )


def read_version(text: str) -> tuple[int, ...]:
    """Take the numbers of a version, so that 2.24.10 is newer than 2.24.4.

    >>> read_version("v2.40.3-3"), read_version("20.10.24+dfsg1")
    ((2, 40, 3), (20, 10, 24))
    """
    match = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def find_free_space(folder: str) -> int | None:
    """Count the free bytes where Docker keeps its data; none is known of an engine on another machine or in a VM."""
    try:
        return shutil.disk_usage(folder).free if Path(folder).is_absolute() else None
    except OSError:
        return None


def _explain_silence(docker: Docker) -> str:
    done = docker.ask("version", "--format", "{{.Server.Version}}", seconds=20)
    if "permission denied" in done.stderr.lower():
        return "Docker's engine refuses this user (sudo usermod -aG docker $USER, then log in again)"
    if done.returncode == NO_ANSWER:
        return f"Docker's engine doesn't answer ({done.stderr})"
    return f"Docker's engine doesn't answer ({''.join(last_lines(done.stderr, 1))[:200] or 'start it'})"
