"""`make clean`: says what would be lost, asks, and deletes it."""

import shutil
import sys
from itertools import chain
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.docker import Docker, find_reason
from compose.launch.containers.stack import list_volumes, read_containers
from compose.launch.processes.home import find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, note
from compose.launch.verbs.bring_up import MARK


def clean_up(command: Command, settings: Settings, docker: Docker) -> None:
    """Delete the home, the environment, the stack's volumes, secrets and settings, after a yes."""
    homes, reason, stacks = find_homes(command), find_reason(docker), list[tuple[Docker, list[str]]]()
    check_home(command, homes[0].path)
    paths = [homes[0].path, command.root / ".venv", command.secrets, command.settings_file]
    if not reason:
        stacks = [(stack, held) for stack in find_stacks(command, docker) if (held := list_held(stack))]
    elif command.secrets.exists():
        note(f"The stack's volumes can't be deleted now ({reason}), so its secrets and .env are kept, too.")
        paths = paths[:2]
    paths = [path for path in paths if path.exists() or path.is_symlink()]
    if not (paths or stacks):
        answer("Nothing to delete.")
        return
    answer("This deletes the platform's data and settings and the installed packages, for good:")
    answer(
        "\n".join(
            f"  {name}" for name in [*map(command.name_path, paths), *chain.from_iterable(held for _, held in stacks)]
        )
    )
    if not reason:
        remove = f"docker image rm {settings['QUARTET_IMAGE']}  docker builder prune"
        answer(f"Docker's images and build cache stay; to remove ours:  {remove}")
    print("Type yes to go on: ", end="", flush=True)
    if sys.stdin.readline().strip() != "yes":
        answer("Nothing was deleted.")
        return
    for home in homes:
        stop_all(home)
    for stack, _ in stacks:
        if stack.take_all().show("compose", "down", "--volumes", "--remove-orphans"):
            raise StopError(f"The stack {stack.project} can't be deleted, so all else is kept.", status=1)
        if volumes := list_volumes(stack):
            stack.do("volume", "rm", *volumes, failing="Not all volumes could be deleted:")
    for path in paths:
        delete_path(path)
    answer("Deleted.")


def find_stacks(command: Command, docker: Docker) -> list[Docker]:
    """Find every stack of this clone: they share the secrets, without which the data of each would be lost."""
    marked = {path.name.removeprefix(MARK) for path in command.secrets.glob(f"{MARK}*")}
    return [docker.of_project(name) for name in sorted({docker.project, *marked})]


def list_held(stack: Docker) -> list[str]:
    """List what a stack holds."""
    containers = [f"container of {stack.project}: {one.service}" for one in read_containers(stack)]
    return [*(f"volume {name}" for name in list_volumes(stack)), *containers]


def delete_path(path: Path) -> None:
    """Delete a folder or a file; of a link only the link."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError as error:
        raise StopError(f"{path} can't be deleted ({error.strerror}): delete it by hand.", status=1) from None


def check_home(command: Command, home: Path) -> None:
    """Refuse a folder that is no home of ours, which a typing mistake named, or that holds more than a home."""
    if command.root.is_relative_to(home):
        raise StopError(f"The home {home} holds this repository: nothing is deleted; delete by hand what is too much.")
    usual = command.root / "artifacts"
    if home.exists() and (home != usual or usual.is_symlink()) and not any(home.glob(".quartet*")):
        raise StopError(f"{home} does not look like a home of Quartet: nothing is deleted.")
