"""`make clean`: says what would be lost, asks, and deletes it."""

import shutil
import sys
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.docker import Docker, Engine, find_engine
from compose.launch.containers.stack import list_volumes, read_containers
from compose.launch.processes.platform import find_home, find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, note
from compose.launch.verbs.mode import list_stacks


def clean_up(command: Command, settings: Settings, docker: Docker) -> None:
    """Delete the home, the environment, the stack's volumes, secrets and settings, after a yes."""
    home = find_home(command, demo=False).path
    check_home(command, home)
    paths, volumes = [home, command.root / ".venv", command.secrets, command.settings_file], dict[Docker, list[str]]()
    engine, image = find_engine(docker), settings["QUARTET_IMAGE"]
    if isinstance(engine, Engine):
        stacks = [docker.turn_to(name) for name in sorted({docker.project, *list_stacks(command)})]
        volumes = {stack: names for stack in stacks if (names := list_volumes(stack)) or read_containers(stack)}
    elif list_stacks(command):
        note(f"The stack's volumes can't be deleted now ({engine}), so its secrets and .env are kept, too.")
        paths = paths[:2]
    paths = [path for path in paths if path.exists() or path.is_symlink()]
    if not (paths or volumes):
        answer("Nothing to delete.")
        return
    answer("This deletes the platform's data and settings and the installed packages, for good:")
    answer("\n".join(f"  {command.name_path(path)}" for path in paths))
    for stack, names in volumes.items():
        answer("\n".join([*(f"  volume {name}" for name in names), f"  the containers of the stack {stack.project}"]))
    if isinstance(engine, Engine):
        answer(f"Docker keeps the image {image} and its build cache:  docker image rm {image}  docker builder prune")
    print("Type yes to go on: ", end="", flush=True)
    if sys.stdin.readline().strip() != "yes":
        answer("Nothing was deleted.")
        return
    for one in find_homes(command):
        stop_all(one)
    for stack in volumes:
        stack.remove_stack("--volumes")
        if names := list_volumes(stack):
            stack.do("volume", "rm", *names, failing="Not all volumes could be deleted:")
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()  # of a link only the link
    answer("Deleted.")


def check_home(command: Command, home: Path) -> None:
    """Refuse a folder that is no home of ours, which a typing mistake named, or that holds more than a home."""
    if command.root.is_relative_to(home):
        raise StopError(f"The home {home} holds this repository: nothing is deleted; delete by hand what is too much.")
    usual = command.root / "artifacts"
    if home.exists() and (home != usual or usual.is_symlink()) and not any(home.glob(".quartet*")):
        raise StopError(f"{home} does not look like a home of Quartet: nothing is deleted.")
