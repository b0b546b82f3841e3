"""Starts containers and watches until all are healthy; stops at once when one has failed."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.run_docker import Docker, end_program
from compose.launch.containers.stack import Container, Plan, Service, read_containers
from compose.launch.settings.secrets import mask_secrets
from compose.launch.terminal import Progress, StopError, quote

PAUSE = 0.5
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


@dataclass(frozen=True)
class Failure:
    """A service that will not come up, and why."""

    service: str
    reason: str
    probe: str = ""


def start_containers(command: Command, start: Start, *which: str) -> None:
    """Have Compose start the services, and wait until they are healthy."""
    command.logs.mkdir(parents=True, exist_ok=True)
    log = command.logs / "compose-up.log"
    with log.open("wb") as output:
        up = start.docker.begin("compose", "--progress", "plain", "up", "-d", "--no-build", *which, output=output)
    try:
        wait_until_healthy(start, up, log)
    finally:
        end_program(up)


def wait_until_healthy(
    start: Start, up: "subprocess.Popen[bytes] | None" = None, log: Path = Path("/dev/null")
) -> None:
    """Return when all is ready; a failure or too long a wait stops, with the log lines that matter."""
    progress = Progress()
    ready: set[str] = set()
    while True:
        ended = up is None or up.poll() is not None  # asked before looking, so that the look is newer
        now = read_containers(start.docker, start.project)
        waiting = [name for name, service in start.plan.items() if not _is_ready(service, now)]
        failure = find_failure(start, now)
        if not failure and progress.seconds >= start.seconds and (waiting or not ended):
            slowest = min(waiting or start.plan, key=lambda name: _rank(name, now))
            failure = Failure(slowest, f"{slowest} is not ready after {progress.seconds} s")
        if failure or (up and up.returncode):
            progress.show("")
            raise _explain_failure(start, failure) if failure else _explain_compose(start, log)
        _tell_ready(start, now, waiting, ready, progress)
        if ended and not waiting:
            progress.show("")
            return
        time.sleep(PAUSE)


def _tell_ready(start: Start, now: list[Container], waiting: list[str], ready: set[str], progress: Progress) -> None:
    starts = {one.started for one in start.before}
    anew = {one.service for one in now if one.state != "created" and one.started not in starts}
    for name, service in start.plan.items():
        if name in anew and name not in ready and name not in waiting:
            ready.add(name)
            progress.tell(f"{name} {'done' if service.job else 'healthy'} after {progress.seconds} s")
    count = len(start.plan) - len(waiting)
    progress.show(f"{count} of {len(start.plan)} ready; waiting for {', '.join(waiting) or 'Docker Compose'}")


def find_failure(start: Start, now: list[Container]) -> Failure | None:
    """Choose the first container that has failed.

    What ran before the start may be away for a moment because a store was, so it is only waited for.
    """
    ran = {one.id for one in start.before if one.state in ("running", "restarting")}
    earlier = {one.id: one for one in start.before}
    for one in now:
        if one.service in start.plan and one.id not in ran:
            for failure in _judge(start.plan[one.service], one, earlier.get(one.id)):
                return failure
    return None


def _judge(service: Service, one: Container, earlier: Container | None) -> Iterator[Failure]:
    if earlier and earlier.started == one.started:
        return  # not started anew yet
    if one.state in ("exited", "dead") and (one.exit_code or not service.job):
        yield Failure(service.name, f"{service.name} ended with status {one.exit_code}")
    if one.state == "restarting" or one.restarts > (earlier.restarts if earlier else 0):
        yield Failure(service.name, f"{service.name} ends again and again, the last time with status {one.exit_code}")
    if one.health == "unhealthy":
        yield Failure(service.name, f"{service.name} runs and does not become healthy", one.probe)


def _is_ready(service: Service, now: list[Container]) -> bool:
    mine = [one for one in now if one.service == service.name]
    if service.job:
        return any(one.state == "exited" and one.exit_code == 0 for one in mine)
    well = [one for one in mine if one.state == "running" and (one.health == "healthy" or not service.probed)]
    return len(well) >= service.replicas


def _rank(name: str, now: list[Container]) -> int:
    """Put a service first that has been started and holds up the others."""
    return min((ORDER.get(one.state, 2) for one in now if one.service == name), default=3)


def _explain_failure(start: Start, failure: Failure) -> StopError:
    logs = start.docker.ask("compose", "logs", "--no-log-prefix", "--no-color", "--tail", "15", failure.service)
    lines = quote(logs.stdout + logs.stderr) or ["  (it said nothing)"]
    if failure.probe:
        lines += ["Its health check says:", *quote(failure.probe, 3)]
    return _explain(start, f"{failure.reason}. Its last lines:", lines, f"make logs s={failure.service}  ")


def _explain_compose(start: Start, log: Path) -> StopError:
    text = log.read_text(encoding="utf-8", errors="replace")
    return _explain(start, "Docker Compose could not start the stack:", quote(text, 8))


def _explain(start: Start, reason: str, lines: list[str], more: str = "") -> StopError:
    last = f"The stack is not up; what has started keeps running:  {more}make ps  make down"
    return StopError(reason, *(mask_secrets(line, start.secrets) for line in lines), last, status=1)
