"""The stack: the services that should run, as Compose has them, and what there is of them, as the engine sees it."""

import json
from dataclasses import dataclass
from typing import Any

from compose.launch.containers.docker import Docker
from compose.launch.terminal import StopError, quote


@dataclass(frozen=True)
class Service:
    """One service: a job that ends, or a server of which so many should run."""

    image: str
    job: bool
    probed: bool
    replicas: int
    ports: frozenset[int]  # inside the container, those that are published


@dataclass(frozen=True)
class Container:
    """One container, with what matters for waiting."""

    id: str
    service: str
    state: str  # created, running, restarting, exited ...
    health: str  # starting, healthy, unhealthy, or empty
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
    return {name: _read_service(config) for name, config in sorted(json.loads(done.stdout)["services"].items())}


def read_containers(docker: Docker) -> list[Container]:
    """Ask the engine itself: the answers of `docker compose ps` differ from version to version."""
    labels = (f"com.docker.compose.project={docker.project}", "com.docker.compose.oneoff=False")
    ids = docker.ask("ps", "-aq", "--no-trunc", *(f"--filter=label={label}" for label in labels)).stdout.split()
    # Without a container, or when one is removed at this moment, the answer is empty.
    inspected = json.loads(docker.ask("inspect", "--type", "container", *ids).stdout or "[]") if ids else []
    return [_read_container(one) for one in inspected]


def list_volumes(docker: Docker) -> list[str]:
    done = docker.ask("volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={docker.project}")
    return sorted(done.stdout.split())


def _read_service(config: dict[str, Any]) -> Service:
    replicas = (config.get("deploy") or {}).get("replicas", config.get("scale", 1))
    health = config.get("healthcheck") or {}
    return Service(
        image=config.get("image", ""),
        job=config.get("restart", "no") == "no",
        probed=bool(health) and not health.get("disable"),
        replicas=int(1 if replicas is None else replicas),
        ports=frozenset(int(port["target"]) for port in config.get("ports") or ()),
    )


def _read_container(inspected: dict[str, Any]) -> Container:
    state = inspected["State"]
    health = state.get("Health") or {}
    return Container(
        id=inspected["Id"],
        service=inspected["Config"]["Labels"]["com.docker.compose.service"],
        state=state["Status"],
        health=health.get("Status", ""),
        probe=(health.get("Log") or [{}])[-1].get("Output", ""),
        exit_code=int(state.get("ExitCode") or 0),
        started=state.get("StartedAt", ""),
        restarts=int(inspected.get("RestartCount") or 0),
    )
