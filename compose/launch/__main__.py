"""`python -m compose.launch VERB`: what make up, down, ps, logs, restart, user, scale and clean call."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from compose.launch.command import Command, read_command
from compose.launch.containers.docker import Docker, open_docker
from compose.launch.settings.read_settings import Settings, read_settings
from compose.launch.terminal import StopError, note
from compose.launch.verbs.add_user import add_user
from compose.launch.verbs.bring_up import bring_up
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.clean_up import clean_up
from compose.launch.verbs.look_after import list_services, restart, scale_workers, show_logs, take_down
from compose.launch.verbs.mode import choose_engine


def up(command: Command, settings: Settings, docker: Docker) -> None:
    """Bring up the mode that fits."""
    if engine := choose_engine(command, docker):
        bring_up(command, settings, docker, engine)
    else:
        bring_up_embedded(command, settings)


VERBS: dict[str, Callable[[Command, Settings, Docker], int | None]] = {
    "up": up,
    "down": take_down,
    "ps": list_services,
    "logs": show_logs,
    "restart": restart,
    "user": add_user,
    "scale": scale_workers,
    "clean": clean_up,
}


def main(arguments: list[str], root: Path, environment: Mapping[str, str]) -> int:
    """Do one verb; answers with its exit status."""
    verb = " ".join(arguments)
    if verb not in VERBS:
        note(f"Type  make VERB  with one of {', '.join(VERBS)}.")
        return 2
    try:
        command = read_command(verb, root, environment)
        settings = read_settings(command)
        return VERBS[verb](command, settings, open_docker(command, settings)) or 0
    except StopError as stop:
        for sentence in stop.sentences:
            note(sentence)
        return stop.status
    except KeyboardInterrupt:
        if verb in ("up", "restart", "scale"):
            note("\nStopped by hand; what has started keeps running:  make ps  make down")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd(), os.environ))
