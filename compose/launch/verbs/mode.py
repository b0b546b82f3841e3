"""Which of the two modes is meant: containers, or the same platform without Docker."""

from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.docker import Docker, Engine, find_engine
from compose.launch.containers.stack import Container, read_containers
from compose.launch.processes.platform import Home
from compose.launch.processes.supervise import find_running_home
from compose.launch.terminal import StopError, note


def choose_engine(command: Command, docker: Docker) -> Engine | None:
    """Take what MODE says, else containers where Docker answers; no engine means the embedded platform."""
    engine = find_engine(docker) if command.mode != "embedded" else None
    if not isinstance(engine, str):
        return engine
    reason = engine[0].upper() + engine[1:]
    if command.mode == "compose":
        raise StopError(f"{reason}, and MODE=compose needs it: mend that, or type  make up MODE=embedded")
    if docker.program and list_stacks(command):
        raise StopError(
            f"{reason}, and this clone has a stack in containers: start Docker and type  make up  again. "
            "An empty platform beside it comes with  make up MODE=embedded"
        )
    note(f"{reason}: the platform comes up embedded, on this machine's own Python.")
    return None


def name_mark(command: Command, project: str) -> Path:
    """Name the file that says of a stack in containers whether its data are real ones or the demo's."""
    return command.secrets / f".made-as.{project}"


def list_stacks(command: Command) -> list[str]:
    """Name the stacks in containers that were brought up from this clone."""
    return sorted(path.name.removeprefix(".made-as.") for path in command.secrets.glob(".made-as.*"))


def find_up(command: Command, docker: Docker) -> list[Container] | Home:
    """Look for containers first, then for processes; MODE forces one of them. No container means nothing is up."""
    containers = read_containers(docker) if docker.program and command.mode != "embedded" else []
    home = find_running_home(command) if not containers and command.mode != "compose" else None
    return home or containers


def need_up(command: Command, docker: Docker) -> list[Container] | Home:
    """As find_up, where a verb can do nothing without."""
    if up := find_up(command, docker):
        return up
    raise StopError("Nothing is up: type  make up  first.", status=1)
