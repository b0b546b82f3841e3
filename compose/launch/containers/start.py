"""Starts containers and watches until all are healthy; stops at once when one has failed."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import Container, Plan, Service, read_containers
from compose.launch.settings.secrets import mask_secrets
from compose.launch.terminal import Look, StopError, quote, wait_until_ready

UP = ("compose", "--progress", "plain", "up", "-d", "--no-build", "--remove-orphans")
ORDER = {"running": 0, "restarting": 0, "exited": 1, "created": 3}


@dataclass(frozen=True)
class Start:
    """What to start and look at: the services, what there was before, and how long it may take."""

    docker: Docker
    project: str
    plan: Plan
    before: list[Container]
    secrets: Path
    seconds: int


def start_containers(start: Start, log: Path) -> None:
    """Stop what is switched off, have Compose start the services, and wait until they are healthy."""
    if extras := [one.id for one in start.before if one.service not in start.plan]:
        # Compose would let them run on; each has its own patience for its tasks.
        start.docker.do("stop", *extras, failing="What is switched off can't be stopped:")
        start.docker.do("rm", "--force", *extras, failing="What is switched off can't be removed:")
    with start.docker.begin(*UP, log=log) as up:
        wait_until_ready(
            lambda: look_at(start, up, log), lambda name, why: _explain(start, name, f"{name} {why}"), start.seconds
        )


def look_at(start: Start, up: "subprocess.Popen[bytes]", log: Path) -> Look:
    """See how far the containers are; one that has failed stops."""
    ended = up.poll() is not None  # asked before looking, so that the look is newer
    now = read_containers(start.docker, start.project)
    if failed := find_failure(start, now):
        raise _explain(start, *failed)
    if up.returncode:
        lines = quote(log.read_text(encoding="utf-8", errors="replace"), 8)
        raise _not_up(start, "Docker Compose could not start the stack:", lines)
    waiting = [name for name, service in start.plan.items() if not _is_ready(service, _of(name, now))]
    # First one that has been started and holds up the others.
    waiting.sort(key=lambda name: min((ORDER.get(one.state, 2) for one in _of(name, now)), default=3))
    starts = {one.started for one in start.before}
    anew = {one.service for one in now if one.state != "created" and one.started not in starts}
    ready = {
        name: "done" if service.job else "healthy"
        for name, service in start.plan.items()
        if name in anew and name not in waiting
    }
    return Look(len(start.plan), waiting if waiting or ended else ["Docker Compose"], ready)


def find_failure(start: Start, now: list[Container]) -> tuple[str, str, str] | None:
    """Choose the first container that has failed: its service, why, and what its health check said.

    What ran before the start may be away for a moment because a store was, so it is only waited for.
    """
    earlier = {one.id: one for one in start.before}
    for one in now:
        old, name = earlier.get(one.id), one.service
        if name not in start.plan or (old and (old.state in ("running", "restarting") or old.started == one.started)):
            continue
        if one.state in ("exited", "dead") and (one.exit_code or not start.plan[name].job):
            return name, f"{name} ended with status {one.exit_code}", ""
        if one.state == "restarting" or one.restarts > (old.restarts if old else 0):
            return name, f"{name} ends again and again, the last time with status {one.exit_code}", ""
        if one.health == "unhealthy":
            return name, f"{name} runs and does not become healthy", one.probe
    return None


def _of(name: str, now: list[Container]) -> list[Container]:
    return [one for one in now if one.service == name]


def _is_ready(service: Service, mine: list[Container]) -> bool:
    if service.job:
        return any(one.state == "exited" and one.exit_code == 0 for one in mine)
    well = [one for one in mine if one.state == "running" and (one.health == "healthy" or not service.probed)]
    return len(well) >= service.replicas


def _explain(start: Start, name: str, reason: str, probe: str = "") -> StopError:
    logs = start.docker.ask("compose", "logs", "--no-log-prefix", "--no-color", "--tail", "15", name)
    lines = quote(logs.stdout + logs.stderr) or ["  (it said nothing)"]
    if probe:
        lines += ["Its health check says:", *quote(probe, 3)]
    return _not_up(start, f"{reason}. Its last lines:", lines, f"make logs s={name}  ")


def _not_up(start: Start, reason: str, lines: list[str], more: str = "") -> StopError:
    last = f"The stack is not up; what has started keeps running:  {more}make ps  make down"
    return StopError(reason, *(mask_secrets(line, start.secrets) for line in lines), last, status=1)
