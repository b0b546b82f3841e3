"""The stack: what should run, as Compose has it; what there is, as the engine sees it; and how it comes up."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import IMAGES
from compose.launch.containers.docker import Docker
from compose.launch.terminal import StopError, last_line, quote, wait_for

UP = ("compose", "--progress", "plain", "up", "-d", "--no-build", "--remove-orphans")
LOCAL = ":local"  # the end of a tag that is built here; any other is one that a registry has
PULL = ("compose", "pull", "--quiet", "--policy", "missing")
# What holds up the others is named first.
ORDER = {"running": 0, "restarting": 0, "exited": 1, "created": 3}


@dataclass(frozen=True)
class Service:
    """One service: a job that ends, or a server of which so many should run."""

    image: str
    job: bool
    replicas: int
    ports: frozenset[int]  # inside the container, those that are published


@dataclass(frozen=True)
class Container:
    """One container, with what matters for waiting."""

    id: str
    service: str
    state: str  # created, running, restarting, exited ...
    health: str  # starting, healthy, unhealthy, or empty where nothing looks
    probe: str  # what its health check said last
    exit_code: int
    started: str
    restarts: int


Plan = dict[str, Service]


def read_plan(docker: Docker) -> Plan:
    """Have Compose put its files together; what it refuses is told in its own words."""
    done = docker.ask("compose", "config", "--format", "json")
    if done.returncode:
        raise StopError("Docker Compose can't read its files with these settings:", *quote(done.stderr, 3), status=1)
    return {
        name: Service(
            image=config["image"],
            job=config.get("restart", "no") == "no",
            replicas=int((config.get("deploy") or {}).get("replicas", 1)),
            ports=frozenset(int(port["target"]) for port in config.get("ports") or ()),
        )
        for name, config in sorted(json.loads(done.stdout)["services"].items())
    }


def read_containers(docker: Docker) -> list[Container]:
    """Ask the engine itself: the answers of `docker compose ps` differ from version to version."""
    labels = (f"com.docker.compose.project={docker.project}", "com.docker.compose.oneoff=False")
    ids = docker.ask("ps", "-aq", "--no-trunc", *(f"--filter=label={label}" for label in labels)).stdout.split()
    # Without a container, or when one is removed at this moment, the answer is empty.
    inspected = json.loads(docker.ask("inspect", "--type", "container", *ids).stdout or "[]") if ids else []
    return [
        Container(
            id=one["Id"],
            service=one["Config"]["Labels"]["com.docker.compose.service"],
            state=state["Status"],
            health=health.get("Status", ""),
            probe=(health.get("Log") or [{}])[-1].get("Output", ""),
            exit_code=state["ExitCode"],
            started=state["StartedAt"],
            restarts=one["RestartCount"],
        )
        for one in inspected
        for state in [one["State"]]
        for health in [state.get("Health") or {}]
    ]


def list_volumes(docker: Docker) -> list[str]:
    done = docker.ask("volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={docker.project}")
    return sorted(done.stdout.split())


def provide_images(docker: Docker, plan: Plan, own: str, folder: Path) -> None:
    """Build our own image and pull what is missing; where nothing has changed that takes a second."""
    again, log = "Nothing was started; mend the cause and type  make up  again.", folder / "compose-build.log"
    if own.endswith(LOCAL) and not _run(docker, ("compose", "build"), log):
        raise StopError(f"The image {own} can't be built. The last lines of {log}:", *_read(log), again, status=1)
    if not _run(docker, PULL, log := folder / "compose-pull.log"):
        images = sorted({service.image for service in plan.values()})
        missing = next(
            (name for name in images if docker.ask("image", "inspect", "-f", "{{.Id}}", name).returncode), ""
        )
        key = next((key for key in IMAGES if docker.environment.get(key) == missing), "QUARTET_IMAGE")
        failing = f"The image {missing} can't be pulled: {last_line(log.read_text(encoding='utf-8', errors='replace'))}"
        raise StopError(failing, f"Another one is taken by the line {key}= in .env.", again, status=1)


def start_containers(docker: Docker, plan: Plan, before: list[Container], seconds: int, log: Path) -> None:
    """Stop what is switched off, have Compose start the services, and wait until they are healthy."""
    if extras := [one.id for one in before if one.service not in plan]:
        # Compose would let them run on; each has its own patience for its tasks.
        docker.do("stop", *extras, failing="What is switched off can't be stopped:")
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
        raise _not_up("Docker Compose could not start the stack:", _read(log, 8))
    states = {name: [one for one in now if one.service == name] for name in plan}
    waiting = [name for name, service in plan.items() if not _is_ready(service, states[name])]
    waiting.sort(key=lambda name: min((ORDER.get(one.state, 2) for one in states[name]), default=3))
    return waiting or ([] if ended else ["Docker Compose"])


def find_failure(plan: Plan, before: list[Container], now: list[Container]) -> tuple[str, str] | None:
    """Choose the first container that has failed: its service, and why.

    What ran before the start may be away for a moment because a store was, so it is only waited for.
    """
    ran = {one.id for one in before if one.state in ("running", "restarting")}
    for one in now:
        name = one.service
        if name not in plan or one.id in ran or one in before:
            continue
        if one.state in ("exited", "dead") and (one.exit_code or not plan[name].job):
            return name, f"{name} ended with status {one.exit_code}"
        if one.state == "restarting" or one.restarts:
            return name, f"{name} ends again and again, the last time with status {one.exit_code}"
        if one.health == "unhealthy":
            return name, f"{name} runs and does not become healthy ({last_line(one.probe)[:200]})"
    return None


def _is_ready(service: Service, mine: list[Container]) -> bool:
    if service.job:
        return any(one.state == "exited" and one.exit_code == 0 for one in mine)
    return len([one for one in mine if one.state == "running" and one.health in ("healthy", "")]) >= service.replicas


def _run(docker: Docker, arguments: tuple[str, ...], log: Path) -> bool:
    with docker.begin(*arguments, log=log) as process:
        wait_for(lambda: ["the images"] if process.poll() is None else [])
    return process.returncode == 0


def _explain(docker: Docker, name: str, reason: str) -> StopError:
    logs = docker.ask("compose", "logs", "--no-log-prefix", "--no-color", "--tail", "15", name)
    return _not_up(f"{reason}. Its last lines:", quote(logs.stdout + logs.stderr), f"make logs s={name}  ")


def _not_up(reason: str, lines: list[str], more: str = "") -> StopError:
    last = f"The stack is not up; what has started keeps running:  {more}make ps  make down"
    return StopError(reason, *(lines or ["  (it said nothing)"]), last, status=1)


def _read(log: Path, count: int = 15) -> list[str]:
    return quote(log.read_text(encoding="utf-8", errors="replace"), count)
