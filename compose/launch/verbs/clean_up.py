"""`make clean`: says what would be lost, asks, and deletes it."""

import json
import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from compose.launch.command import House
from compose.launch.containers.look_at_engine import Engine, look_at_engine
from compose.launch.containers.made_as import list_stacks
from compose.launch.containers.read_containers import list_volumes, read_containers
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.homes import find_home
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, last_lines, note
from compose.launch.verbs.mode import had_stack
from compose.launch.verbs.take_down import stop_containers, stop_embedded


@dataclass(frozen=True)
class Losses:
    """What would be deleted: folders and files, and by stack its volumes."""

    paths: list[Path]
    volumes: dict[str, list[str]]
    stacks: list[str]  # that have containers


def clean_up(house: House, settings: Settings, docker: Docker) -> None:
    """Delete the home, the environment, the stack's volumes, secrets and settings, after a yes."""
    losses = find_losses(house, settings, docker)
    if not (losses.paths or losses.volumes or losses.stacks):
        answer("Nothing to delete.")
        return
    answer("This deletes the platform's data and settings and the installed packages, for good:")
    for line in describe(house, docker, losses):
        answer(f"  {line}")
    if not ask("Type yes to go on: "):
        answer("Nothing was deleted.")
        return
    stop_embedded(house)
    for stack in {*losses.volumes, *losses.stacks}:
        delete_stack(house, settings, docker, stack)
    for path in losses.paths:
        delete_path(path)
    answer("Deleted.")


def find_losses(house: House, settings: Settings, docker: Docker) -> Losses:
    """List what is there; a home that a typing mistake named is not ours to delete."""
    home = find_home(house, demo=False).path
    check_home(house, home)
    paths = [home, house.root / ".venv"]
    volumes: dict[str, list[str]] = {}
    stacks = []
    engine = look_at_engine(docker)
    if isinstance(engine, Engine):
        paths += [house.secrets, house.settings_file]
        for stack in {settings.project, *list_stacks(house)}:
            if found := list_volumes(docker, stack):
                volumes[stack] = found
            if read_containers(docker, stack):
                stacks.append(stack)
    elif had_stack(house):
        note(f"The stack's volumes can't be deleted now ({engine}), so its secrets and .env are kept, too.")
    else:
        paths += [house.secrets, house.settings_file]
    return Losses([path for path in paths if path.exists() or path.is_symlink()], volumes, stacks)


def check_home(house: House, home: Path) -> None:
    """Refuse a folder that is no home of ours, or that holds more than a home."""
    if not home.exists():
        return
    if house.root.is_relative_to(home):
        raise StopError(
            f"The home {home} holds this repository: nothing is deleted; delete by hand what you don't need."
        )
    usual = house.root / "artifacts"
    if (home != usual or usual.is_symlink()) and not any(home.glob(".quartet*")):
        raise StopError(f"{home} does not look like a home of Quartet: nothing is deleted.")


def describe(house: House, docker: Docker, losses: Losses) -> list[str]:
    """Write one line for each thing, with its size."""
    lines = [f"{measure_path(path):>9}  {house.name_path(path)}" for path in losses.paths]
    sizes = measure_volumes(docker) if losses.volumes else {}
    for stack in sorted({*losses.volumes, *losses.stacks}):
        lines += [f"{sizes.get(name, '?'):>9}  volume {name}" for name in losses.volumes.get(stack, [])]
        lines += [f"{'':>9}  the containers of the stack {stack}"] if stack in losses.stacks else []
    return lines


def ask(question: str) -> bool:
    """Ask; no answer is a no."""
    sys.stdout.write(question)
    sys.stdout.flush()
    said = sys.stdin.readline()
    if not said.endswith("\n") or not sys.stdin.isatty():
        answer()
    return said.strip() == "yes"


def delete_stack(house: House, settings: Settings, docker: Docker, stack: str) -> None:
    """Remove a stack's containers and volumes."""
    named = {"COMPOSE_PROJECT_NAME": stack}
    its_docker = replace(docker, environment={**docker.environment, **named})
    stop_containers(house, replace(settings, values={**settings.values, **named}), its_docker, volumes=True)
    if left := list_volumes(its_docker, stack):
        done = its_docker.ask("volume", "rm", *left)
        if done.returncode:
            raise StopError("Not all volumes could be deleted:", *last_lines(done.stderr, 5), status=1)


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
    """Add up the files of a folder; links count for nothing."""
    if not path.is_dir() or path.is_symlink():
        return write_size(path.lstat().st_size)
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += (Path(folder) / name).lstat().st_size
            except OSError:  # gone meanwhile
                continue
    return write_size(total)


def measure_volumes(docker: Docker) -> dict[str, str]:
    """Ask the engine for the sizes of its volumes; what it doesn't know is left out."""
    try:
        told = json.loads(docker.ask("system", "df", "-v", "--format", "{{json .Volumes}}").stdout)
        return {str(one["Name"]): str(one["Size"]) for one in told if one.get("Size") not in (None, "N/A")}
    except (ValueError, KeyError, TypeError):
        return {}


def write_size(count: float) -> str:
    """Write a number of bytes for a person.

    >>> write_size(512), write_size(1_530_000_000)
    ('512 B', '1.5 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
