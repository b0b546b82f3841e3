"""`make clean`: says what would be lost, asks, and deletes it."""

import shutil
import sys
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.engine import Engine, find_engine
from compose.launch.containers.made_as import list_stacks
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import list_volumes, read_containers
from compose.launch.processes.homes import find_home, find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, note
from compose.launch.verbs.look_after import remove_stack
from compose.launch.verbs.mode import had_stack


def clean_up(command: Command, settings: Settings, docker: Docker) -> None:
    """Delete the home, the environment, the stack's volumes, secrets and settings, after a yes."""
    home = find_home(command, demo=False).path
    check_home(command, home)
    paths = [home, command.root / ".venv", command.secrets, command.settings_file]
    stacks: dict[str, list[str]] = {}
    engine = find_engine(docker)
    if isinstance(engine, Engine):
        stacks = {stack: list_volumes(docker, stack) for stack in sorted({settings.project, *list_stacks(command)})}
        stacks = {stack: names for stack, names in stacks.items() if names or read_containers(docker, stack)}
    elif had_stack(command):
        note(f"The stack's volumes can't be deleted now ({engine}), so its secrets and .env are kept, too.")
        paths = paths[:2]
    paths = [path for path in paths if path.exists() or path.is_symlink()]
    if not (paths or stacks):
        answer("Nothing to delete.")
        return
    answer("This deletes the platform's data and settings and the installed packages, for good:")
    for path in paths:
        answer(f"  {command.name_path(path)}")
    for stack, names in stacks.items():
        answer("\n".join([*(f"  volume {name}" for name in names), f"  the containers of the stack {stack}"]))
    if isinstance(engine, Engine):
        image = settings["QUARTET_IMAGE"]
        answer(f"Docker keeps the image {image} and its build cache:  docker image rm {image}  docker builder prune")
    print("Type yes to go on: ", end="", flush=True)
    line = sys.stdin.readline()
    if not line.endswith("\n") or not sys.stdin.isatty():
        answer()
    if line.strip() != "yes":
        answer("Nothing was deleted.")
        return
    for one in find_homes(command):
        stop_all(one)
    for stack in stacks:
        remove_stack(docker, stack, "--volumes")
        if names := list_volumes(docker, stack):
            docker.do("volume", "rm", *names, failing="Not all volumes could be deleted:")
    for path in paths:
        delete_path(path)
    answer("Deleted.")


def check_home(command: Command, home: Path) -> None:
    """Refuse a folder that is no home of ours, which a typing mistake named, or that holds more than a home."""
    if command.root.is_relative_to(home):
        raise StopError(
            f"The home {home} holds this repository: nothing is deleted; delete by hand what you don't need."
        )
    usual = command.root / "artifacts"
    if home.exists() and (home != usual or usual.is_symlink()) and not any(home.glob(".quartet*")):
        raise StopError(f"{home} does not look like a home of Quartet: nothing is deleted.")


def delete_path(path: Path) -> None:
    """Delete a folder or a file; of a link only the link."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise StopError(f"{path} can't be deleted ({error.strerror}): delete it by hand.", status=1) from None
