"""`make clean`: says what would be lost, asks, and deletes it."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.engine import Engine, find_engine
from compose.launch.containers.made_as import list_stacks
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import list_volumes, read_containers
from compose.launch.processes.homes import find_home, find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, note, quote
from compose.launch.verbs.mode import had_stack
from compose.launch.verbs.take_down import remove_stack


@dataclass(frozen=True)
class Losses:
    """What would be deleted: folders and files, and by stack its volumes."""

    paths: list[Path]
    volumes: dict[str, list[str]]


def clean_up(command: Command, settings: Settings, docker: Docker) -> None:
    """Delete the home, the environment, the stack's volumes, secrets and settings, after a yes."""
    losses = find_losses(command, settings, docker)
    if not (losses.paths or losses.volumes):
        answer("Nothing to delete.")
        return
    answer("This deletes the platform's data and settings and the installed packages, for good:")
    sizes = measure_volumes(docker) if losses.volumes else {}
    for path in losses.paths:
        answer(f"  {measure_path(path):>9}  {command.name_path(path)}")
    for stack, names in sorted(losses.volumes.items()):
        for name in names:
            answer(f"  {sizes.get(name, '?'):>9}  volume {name}")
        answer(f"  {'':>9}  the containers of the stack {stack}")
    if not ask("Type yes to go on: "):
        answer("Nothing was deleted.")
        return
    for home in find_homes(command):
        stop_all(home)
    for stack in losses.volumes:
        delete_stack(docker, stack)
    for path in losses.paths:
        delete_path(path)
    answer("Deleted.")


def find_losses(command: Command, settings: Settings, docker: Docker) -> Losses:
    """List what is there; a home that a typing mistake named is not ours to delete."""
    home = find_home(command, demo=False).path
    check_home(command, home)
    paths = [home, command.root / ".venv", command.secrets, command.settings_file]
    volumes: dict[str, list[str]] = {}
    engine = find_engine(docker)
    if isinstance(engine, Engine):
        for stack in {settings.project, *list_stacks(command)}:
            names = list_volumes(docker, stack)
            if names or read_containers(docker, stack):
                volumes[stack] = names
    elif had_stack(command):
        note(f"The stack's volumes can't be deleted now ({engine}), so its secrets and .env are kept, too.")
        paths = paths[:2]
    return Losses([path for path in paths if path.exists() or path.is_symlink()], volumes)


def check_home(command: Command, home: Path) -> None:
    """Refuse a folder that is no home of ours, or that holds more than a home."""
    if not home.exists():
        return
    if command.root.is_relative_to(home):
        raise StopError(
            f"The home {home} holds this repository: nothing is deleted; delete by hand what you don't need."
        )
    usual = command.root / "artifacts"
    if (home != usual or usual.is_symlink()) and not any(home.glob(".quartet*")):
        raise StopError(f"{home} does not look like a home of Quartet: nothing is deleted.")


def ask(question: str) -> bool:
    """Ask; no answer is a no."""
    print(question, end="", flush=True)
    line = sys.stdin.readline()
    if not line.endswith("\n") or not sys.stdin.isatty():
        answer()
    return line.strip() == "yes"


def delete_stack(docker: Docker, stack: str) -> None:
    """Remove a stack's containers and volumes."""
    remove_stack(docker, "--volumes", COMPOSE_PROJECT_NAME=stack)
    if names := list_volumes(docker, stack):
        done = docker.ask("volume", "rm", *names)
        if done.returncode:
            raise StopError("Not all volumes could be deleted:", *quote(done.stderr, 5), status=1)


def delete_path(path: Path) -> None:
    """Delete a folder or a file; of a link only the link."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise StopError(f"{path} can't be deleted ({error.strerror}): delete it by hand.", status=1) from None


def measure_path(path: Path) -> str:
    """Add up the files of a folder; of a link only the link."""
    files = [path] if path.is_symlink() or not path.is_dir() else path.rglob("*")
    size = float(sum(file.lstat().st_size for file in files if file.is_symlink() or file.is_file()))
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def measure_volumes(docker: Docker) -> dict[str, str]:
    """Ask the engine for the sizes of its volumes; what it doesn't know is left out."""
    try:
        volumes = json.loads(docker.ask("system", "df", "-v", "--format", "{{json .Volumes}}").stdout)
        return {str(one["Name"]): str(one["Size"]) for one in volumes if one.get("Size") not in (None, "N/A")}
    except (ValueError, KeyError, TypeError):
        return {}
