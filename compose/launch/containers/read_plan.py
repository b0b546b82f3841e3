"""What should run: the services of the compose files that are switched on."""

import json
from dataclasses import dataclass
from typing import Any

from compose.launch.containers.run_docker import Docker
from compose.launch.terminal import StopError, last_lines


@dataclass(frozen=True)
class Service:
    """One service: a job that ends, or a server of which so many should run."""

    name: str
    image: str
    job: bool
    probed: bool
    replicas: int
    ports: frozenset[int]  # inside the container, those that are published


@dataclass(frozen=True)
class Plan:
    """All services, in the order of their names."""

    services: dict[str, Service]

    @property
    def servers(self) -> list[str]:
        return [name for name, service in self.services.items() if not service.job]

    def publishes(self, service: str, port: int) -> bool:
        return service in self.services and port in self.services[service].ports


def read_plan(docker: Docker) -> Plan:
    """Have Compose put its files together; what it refuses is told in its own words."""
    done = docker.compose("config", "--format", "json")
    try:
        services = json.loads(done.stdout)["services"]
    except (ValueError, KeyError, TypeError):
        why = " ".join(last_lines(done.stderr, 3))[:500] or "it says nothing"
        raise StopError(f"Docker Compose can't read docker-compose.yml with these settings: {why}", status=1) from None
    return Plan({name: _read_service(name, told) for name, told in sorted(services.items())})


def _read_service(name: str, told: dict[str, Any]) -> Service:
    replicas = (told.get("deploy") or {}).get("replicas", told.get("scale", 1))
    return Service(
        name=name,
        image=str(told.get("image", "")),
        job=told.get("restart", "no") == "no",
        probed=bool(told.get("healthcheck")) and not told["healthcheck"].get("disable"),
        replicas=int(1 if replicas is None else replicas),
        ports=frozenset(int(port["target"]) for port in told.get("ports") or ()),
    )
