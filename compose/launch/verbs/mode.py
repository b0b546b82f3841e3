"""Which of the two modes `make up` takes: containers, or the same platform without Docker."""

from dataclasses import dataclass

from compose.launch.command import House
from compose.launch.containers.look_at_engine import Engine, look_at_engine
from compose.launch.containers.read_containers import Container, read_containers
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.homes import Home, find_running_home
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, note


@dataclass(frozen=True)
class Choice:
    """The engine if containers are meant, else none."""

    engine: Engine | None


def choose_mode(house: House, docker: Docker) -> Choice:
    """Take what MODE says, else containers where Docker answers."""
    if house.mode == "embedded":
        return Choice(None)
    engine = look_at_engine(docker)
    if isinstance(engine, Engine):
        return Choice(engine)
    reason = engine[0].upper() + engine[1:]
    if house.mode == "compose":
        raise StopError(f"{reason}, and MODE=compose needs it: mend that, or type  make up MODE=embedded")
    if docker.program and had_stack(house):
        raise StopError(
            f"{reason}, and this clone has a stack in containers: start Docker and type  make up  again. "
            "An empty platform beside it comes with  make up MODE=embedded"
        )
    note(f"{reason}: the platform comes up embedded, on this machine's own Python.")
    return Choice(None)


def had_stack(house: House) -> bool:
    """Say whether a stack in containers was brought up from this clone."""
    return house.settings_file.exists() and (house.secrets / "postgres_password").exists()


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
