"""`make down`: stops what runs, in containers and without; all data stay."""

from dataclasses import replace

from compose.launch.command import Command
from compose.launch.containers.engine import Engine, find_engine
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import read_containers
from compose.launch.processes.homes import find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import PROFILES, Settings
from compose.launch.terminal import answer, note
from compose.launch.verbs.mode import had_stack


def take_down(command: Command, settings: Settings, docker: Docker) -> None:
    """Stop both modes, whichever runs."""
    stopped = [name for home in find_homes(command) for name in stop_all(home)]
    engine = find_engine(docker)
    if isinstance(engine, Engine):
        if services := sorted({one.service for one in read_containers(docker, settings.project)}):
            remove_stack(docker, settings.project)
        stopped += services
    elif had_stack(command):
        note(f"The stack in containers can't be looked at: {engine}.")
    answer(f"Stopped: {', '.join(stopped)}. All data are kept." if stopped else "Nothing is running.")


def remove_stack(docker: Docker, project: str, *flags: str) -> None:
    """Remove the containers and networks of a stack, with the services of every profile."""
    environment = {**docker.environment, "COMPOSE_PROFILES": ",".join(PROFILES), "COMPOSE_PROJECT_NAME": project}
    all_of_it = replace(docker, environment=environment)
    all_of_it.do("compose", "down", "--remove-orphans", *flags, failing="The stack can't be stopped:")
