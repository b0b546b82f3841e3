"""Which platform a verb is about: the one that is up, in containers or embedded."""

from dataclasses import dataclass

from compose.launch.embedded_homes import Home, find_running_home
from compose.launch.house import House
from compose.launch.read_containers import Container, read_containers
from compose.launch.read_settings import Settings
from compose.launch.run_docker import Docker
from compose.launch.stop_error import StopError


@dataclass(frozen=True)
class Up:
    """What is up: the containers, or the home of the embedded platform."""

    containers: list[Container]
    home: Home | None


def find_up(house: House, settings: Settings, docker: Docker) -> Up | None:
    """Look for containers first, then for processes; MODE forces one of them."""
    if docker.program and house.mode != "embedded" and (found := read_containers(docker, settings.project)):
        return Up(found, None)
    home = find_running_home(house) if house.mode != "compose" else None
    return Up([], home) if home else None


def need_up(house: House, settings: Settings, docker: Docker) -> Up:
    """As find_up, where a verb can do nothing without."""
    found = find_up(house, settings, docker)
    if found is None:
        raise StopError("Nothing is up: type  make up  first.", status=1)
    return found
