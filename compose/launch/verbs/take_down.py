"""`make down`: stops what runs, in containers and without; all data stay."""

from dataclasses import replace

from compose.launch.command import Command
from compose.launch.containers.engine import Engine, find_engine
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import read_containers
from compose.launch.processes.homes import find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import PROFILES, Settings
from compose.launch.terminal import StopError, answer, note, quote
from compose.launch.verbs.mode import had_stack


def take_down(command: Command, settings: Settings, docker: Docker) -> None:
    """Stop both modes, whichever runs."""
    stopped = [name for home in find_homes(command) for name in stop_all(home)]
    engine = find_engine(docker) if docker.program else "none"
    if isinstance(engine, Engine):
        services = sorted({one.service for one in read_containers(docker, settings.project)})
        if services:
            remove_stack(docker)
        stopped += services
    elif had_stack(command):
        note(f"The stack in containers can't be looked at: {engine}.")
    answer(f"Stopped: {', '.join(stopped)}. All data are kept." if stopped else "Nothing is running.")


def remove_stack(docker: Docker, *flags: str, **named: str) -> None:
    """Remove the containers and networks of a stack, with the services of every profile."""
    environment = {**docker.environment, "COMPOSE_PROFILES": ",".join(PROFILES), **named}
    done = replace(docker, environment=environment).ask("compose", "down", "--remove-orphans", *flags, seconds=300)
    if done.returncode:
        raise StopError("The stack can't be stopped:", *quote(done.stderr, 5), status=1)
