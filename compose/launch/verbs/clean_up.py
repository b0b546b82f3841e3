"""`make clean`: says what would be lost, asks, and deletes it."""

import shutil
import sys
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.docker import Docker, find_reason
from compose.launch.containers.stack import list_volumes, read_containers
from compose.launch.processes.home import find_homes
from compose.launch.processes.supervise import stop_all
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, note


def clean_up(command: Command, settings: Settings, docker: Docker) -> None:
    """Delete the home, the environment, the stack's volumes, secrets and settings, after a yes."""
    homes, reason, stack = find_homes(command), find_reason(docker), list[str]()
    check_home(command, homes[0].path)
    paths = [homes[0].path, command.root / ".venv", command.secrets, command.settings_file]
    if not reason:
        stack = [f"volume {name}" for name in list_volumes(docker)]
        stack += [f"container of {one.service}" for one in read_containers(docker)]
    elif command.secrets.exists():
        note(f"The stack's volumes can't be deleted now ({reason}), so its secrets and .env are kept, too.")
        paths = paths[:2]
    paths = [path for path in paths if path.exists() or path.is_symlink()]
    if not (paths or stack):
        answer("Nothing to delete.")
        return
    answer("This deletes the platform's data and settings and the installed packages, for good:")
    answer("\n".join(f"  {name}" for name in [*map(command.name_path, paths), *stack]))
    if not reason:
        remove = f"docker image rm {settings['QUARTET_IMAGE']}  docker builder prune"
        answer(f"Docker's images and build cache stay; to remove ours:  {remove}")
    print("Type yes to go on: ", end="", flush=True)
    if sys.stdin.readline().strip() != "yes":
        answer("Nothing was deleted.")
        return
    for home in homes:
        stop_all(home)
    if stack and docker.take_all().show("compose", "down", "--volumes", "--remove-orphans"):
        raise StopError("The stack can't be deleted, so all else is kept.", status=1)
    if volumes := list_volumes(docker) if stack else []:
        docker.do("volume", "rm", *volumes, failing="Not all volumes could be deleted:")
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
