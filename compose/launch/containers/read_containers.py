"""The containers and volumes of our stack, as the engine sees them."""

import json
from dataclasses import dataclass
from typing import Any

from compose.launch.containers.run_docker import Docker

DATA = ("postgres-data", "mysql-data", "store-data")


@dataclass(frozen=True)
class Container:
    """One container, with what matters for waiting."""

    id: str
    service: str
    state: str  # created, running, restarting, exited ...
    health: str  # starting, healthy, unhealthy, or empty
    exit_code: int
    started: str
    restarts: int
    ports: frozenset[int]
    probe: str  # what its health check said last


def read_containers(docker: Docker, project: str) -> list[Container]:
    """Ask the engine itself: the answers of `docker compose ps` differ from version to version."""
    labels = [f"label=com.docker.compose.project={project}", "label=com.docker.compose.oneoff=False"]
    filters = [word for label in labels for word in ("--filter", label)]
    ids = docker.ask("ps", "-aq", "--no-trunc", *filters).stdout.split()
    if not ids:
        return []
    try:
        told = json.loads(docker.ask("inspect", "--type", "container", *ids).stdout or "[]")
    except ValueError:
        return []
    return [_read_container(one) for one in told]


def list_volumes(docker: Docker, project: str) -> list[str]:
    done = docker.ask("volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={project}")
    return sorted(done.stdout.split())


def has_data(volumes: list[str], project: str) -> bool:
    """Say whether the stores have been filled."""
    return any(f"{project}_{name}" in volumes for name in DATA)


def held_ports(containers: list[Container]) -> set[int]:
    """Name the ports of this machine that our own containers hold."""
    return {port for one in containers if one.state in ("running", "restarting", "paused") for port in one.ports}


def _read_container(told: dict[str, Any]) -> Container:
    state = told["State"]
    health = state.get("Health") or {}
    log = health.get("Log") or [{}]
    bindings = (told.get("HostConfig") or {}).get("PortBindings") or {}
    ports = {int(one["HostPort"]) for many in bindings.values() for one in many or () if one.get("HostPort")}
    return Container(
        id=told["Id"],
        service=told["Config"]["Labels"]["com.docker.compose.service"],
        state=state["Status"],
        health=health.get("Status", ""),
        exit_code=int(state.get("ExitCode") or 0),
        started=state.get("StartedAt", ""),
        restarts=int(told.get("RestartCount") or 0),
        ports=frozenset(ports),
        probe=str(log[-1].get("Output", "")).strip(),
    )
