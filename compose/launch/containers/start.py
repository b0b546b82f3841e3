"""Provides the images, starts the containers, and watches until all are healthy; stops at once when one has failed."""

import subprocess
from pathlib import Path

from compose.launch.containers.docker import Docker
from compose.launch.containers.stack import Container, Plan, Service, read_containers
from compose.launch.terminal import StopError, last_line, quote, wait_for

UP = ("compose", "--progress", "plain", "up", "-d", "--no-build", "--remove-orphans")
PULL = ("compose", "pull", "--quiet", "--policy", "missing")
# What holds up the others is named first.
ORDER = {"running": 0, "restarting": 0, "exited": 1, "created": 3}


def provide_images(docker: Docker, plan: Plan, own: str, log: Path) -> None:
    """Pull what is missing and build our own; where nothing has changed that takes a second."""
    local = is_built_here(own)
    if not has_image(docker, *({service.image for service in plan.values()} - ({own} if local else set()))):
        _run(docker, (*PULL, *(["--ignore-buildable"] if local else [])), "the images", "pulled", log)
    if local:
        _run(docker, ("compose", "build"), f"the image {own}", "built", log)


def is_built_here(image: str) -> bool:
    """Say whether an image is our own build; any other tag is one that a registry has."""
    return image.endswith(":local")


def has_image(docker: Docker, *images: str) -> bool:
    """Say whether all are on this machine."""
    return docker.ask("image", "inspect", "--format", "{{.Id}}", *images).returncode == 0


def start_containers(docker: Docker, plan: Plan, before: list[Container], seconds: int, log: Path) -> None:
    """Stop what is switched off, have Compose start the services, and wait until they are healthy."""
    if extras := [one.id for one in before if one.service not in plan]:
        # Compose would let them run on; each has its own patience for its tasks.
        docker.do("stop", *extras, failing="What is switched off can't be stopped:")
        docker.do("rm", "--force", *extras, failing="What is switched off can't be removed:")
    with docker.begin(*UP, log=log) as up:
        if late := wait_for(lambda: look_at(docker, plan, before, up, log), seconds):
            raise _explain(docker, late, f"{late} is not ready after {seconds} s")


def look_at(docker: Docker, plan: Plan, before: list[Container], up: "subprocess.Popen[bytes]", log: Path) -> list[str]:
    """Name the services that are not ready; one that has failed stops."""
    ended = up.poll() is not None  # asked before looking, so that the look is newer
    now = read_containers(docker)
    if failure := find_failure(plan, before, now):
        raise _explain(docker, *failure)
    if up.returncode:
        raise _not_up("Docker Compose could not start the stack:", quote(_read(log), 8))
    states = {name: [one for one in now if one.service == name] for name in plan}
    waiting = [name for name, service in plan.items() if not _is_ready(service, states[name])]
    waiting.sort(key=lambda name: min((ORDER.get(one.state, 2) for one in states[name]), default=3))
    return waiting or ([] if ended else ["Docker Compose"])


def find_failure(plan: Plan, before: list[Container], now: list[Container]) -> tuple[str, str] | None:
    """Choose the first container that has failed: its service, and why.

    What ran before the start may be away for a moment because a store was, so it is only waited for.
    """
    earlier = {one.id: one for one in before}
    for one in now:
        old, name = earlier.get(one.id), one.service
        if name not in plan or (old and (old.state in ("running", "restarting") or old.started == one.started)):
            continue
        if one.state in ("exited", "dead") and (one.exit_code or not plan[name].job):
            return name, f"{name} ended with status {one.exit_code}"
        if one.state == "restarting" or one.restarts > (old.restarts if old else 0):
            return name, f"{name} ends again and again, the last time with status {one.exit_code}"
        if one.health == "unhealthy":
            return name, f"{name} runs and does not become healthy ({last_line(one.probe)[:200]})"
    return None


def _is_ready(service: Service, mine: list[Container]) -> bool:
    if service.job:
        return any(one.state == "exited" and one.exit_code == 0 for one in mine)
    well = [one for one in mine if one.state == "running" and (one.health == "healthy" or not service.probed)]
    return len(well) >= service.replicas


def _run(docker: Docker, arguments: tuple[str, ...], what: str, done: str, log: Path) -> None:
    with docker.begin(*arguments, log=log) as process:
        wait_for(lambda: [what] if process.poll() is None else [])
    if process.returncode:
        reason = f"{what[0].upper()}{what[1:]} can't be {done}. The last lines of {log}:"
        last = "Nothing was started; mend the cause and type  make up  again."
        raise StopError(reason, *quote(_read(log)), last, status=1)


def _explain(docker: Docker, name: str, reason: str) -> StopError:
    logs = docker.ask("compose", "logs", "--no-log-prefix", "--no-color", "--tail", "15", name)
    return _not_up(f"{reason}. Its last lines:", quote(logs.stdout + logs.stderr), f"make logs s={name}  ")


def _not_up(reason: str, lines: list[str], more: str = "") -> StopError:
    last = f"The stack is not up; what has started keeps running:  {more}make ps  make down"
    return StopError(reason, *(lines or ["  (it said nothing)"]), last, status=1)


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")
