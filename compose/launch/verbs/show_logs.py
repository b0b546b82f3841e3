"""`make logs`: the last lines of one service or of all; follow=1 goes on showing."""

import time
from pathlib import Path

from compose.launch.command import House, suggest
from compose.launch.containers.read_plan import read_plan
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.homes import Home
from compose.launch.processes.run_process import read_processes
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer
from compose.launch.verbs.mode import need_up

COUNT = 200


def show_logs(house: House, settings: Settings, docker: Docker) -> int:
    """Print the end of the logs of what is up."""
    found = need_up(house, settings, docker)
    wanted, follow = house.words.get("s", ""), bool(house.words.get("follow"))
    if found.home:
        known = [process.name for process in read_processes(found.home.processes)]
        check_service(wanted, known)
        _show_files(found.home, [wanted] if wanted else known, follow=follow)
        return 0
    check_service(wanted, [*read_plan(docker).services, *{one.service for one in found.containers}])
    flags = ["--tail", str(COUNT), *(["--follow"] if follow else [])]
    return docker.show("compose", "logs", *flags, *([wanted] if wanted else []))


def check_service(name: str, known: list[str]) -> None:
    """Refuse a name that is no service."""
    if name and name not in known:
        raise StopError(f"s={name[:60]} is no service{suggest(name, sorted(set(known)))}.")


def _show_files(home: Home, names: list[str], *, follow: bool) -> None:
    paths = [home.logs / f"{name}.log" for name in names]
    read = {path: _show_end(path, title=len(paths) > 1) for path in paths if path.exists()}
    while follow:
        time.sleep(0.5)
        for path, position in read.items():
            with path.open(encoding="utf-8", errors="replace") as file:
                file.seek(position)
                for line in file:
                    answer(line.rstrip("\n"))
                read[path] = file.tell() if not file.closed else position


def _show_end(path: Path, *, title: bool) -> int:
    text = path.read_bytes()
    if title:
        answer(f"--- {path.name}")
    for line in text.decode("utf-8", errors="replace").splitlines()[-COUNT:]:
        answer(line)
    return len(text)
