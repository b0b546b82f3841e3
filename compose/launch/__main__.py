"""`python -m compose.launch VERB`: what make up, down, ps, logs, restart, user, scale and clean call."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from compose.launch.command import Command, read_command
from compose.launch.containers.docker import Docker, find_engine, open_docker
from compose.launch.settings.read_settings import Settings, read_settings
from compose.launch.terminal import StopError, note
from compose.launch.verbs.add_user import add_user
from compose.launch.verbs.bring_up import bring_up
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.clean_up import clean_up
from compose.launch.verbs.look_after import list_services, restart, scale_workers, show_logs, take_down


def up(command: Command, settings: Settings, docker: Docker) -> None:
    """Take the mode that MODE says, else containers where Docker answers; else the embedded platform."""
    engine = find_engine(docker) if command.mode != "embedded" else ""
    if not isinstance(engine, str):
        bring_up(command, settings, docker, engine)
        return
    reason = engine[:1].upper() + engine[1:]
    if command.mode == "compose":
        raise StopError(f"{reason}, and MODE=compose needs it: mend that, or type  make up MODE=embedded")
    if reason and docker.program and command.secrets.exists():
        how = "An empty platform beside it comes with  make up MODE=embedded"
        raise StopError(
            f"{reason}, and this clone has a stack in containers: start Docker and type  make up  again. {how}"
        )
    if reason:
        note(f"{reason}: the platform comes up embedded, on this machine's own Python.")
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
        note("\n".join(stop.sentences))
        return stop.status
    except KeyboardInterrupt:
        if verb in ("up", "restart", "scale"):
            note("\nStopped by hand; what has started keeps running:  make ps  make down")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd(), os.environ))
