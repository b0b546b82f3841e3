"""Whether the machine is enough: the versions of Docker, memory and disk."""

import re
import shutil
from pathlib import Path

from compose.launch.containers.look_at_engine import Engine

OLDEST_ENGINE, OLDEST_COMPOSE = (20, 10), (2, 24, 4)
GB = 1_000_000_000
MEMORY = {False: 3.5, True: 4.5}  # by whether there are Celery workers
DISK_BUILT, DISK_EMPTY = 1, 6
HOW = "https://docs.docker.com/engine/install"


def check_machine(engine: Engine, *, celery: bool, built: bool) -> list[str]:
    """Name whatever is too old or too little."""
    wrong = []
    if read_version(engine.version) < OLDEST_ENGINE:
        wrong.append(f"The Docker engine is {engine.version}; 20.10 or newer is needed: {HOW}")
    if read_version(engine.compose) < OLDEST_COMPOSE:
        wrong.append(
            f"Docker Compose is {engine.compose}; 2.24.4 or newer is needed (package docker-compose-plugin): {HOW}"
        )
    needed = MEMORY[celery]
    if engine.memory and engine.memory < needed * GB:
        wrong.append(
            f"Docker has {engine.memory / GB:.1f} GB of memory; {needed} GB are needed"
            f"{' with Celery workers' if celery else ''}: give it more (Docker Desktop: Settings, Resources)"
            f"{', or type  make up EXECUTOR=local' if celery else ', or type  make up MODE=embedded'}"
        )
    free, needed = find_free_space(engine.folder), DISK_BUILT if built else DISK_EMPTY
    if free is not None and free < needed * GB:
        wrong.append(
            f"The disk has {free / GB:.1f} GB free at {engine.folder}, where Docker keeps its data; {needed} GB are "
            "needed: make room there, for example with  docker system prune"
        )
    return wrong


def read_version(text: str) -> tuple[int, ...]:
    """Take the numbers of a version, so that 2.24.10 is newer than 2.24.4.

    >>> read_version("v2.40.3-3"), read_version("20.10.24+dfsg1")
    ((2, 40, 3), (20, 10, 24))
    """
    found = re.match(r"v?(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def find_free_space(folder: str) -> int | None:
    """Count the free bytes where Docker keeps its data; none is known of an engine on another machine or in a VM."""
    try:
        return shutil.disk_usage(folder).free if folder and Path(folder).is_absolute() else None
    except OSError:
        return None
