"""`python -m compose.launch VERB`: what make up, down, ps, logs, restart, user, scale and clean call."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from compose.launch.command import Command, read_command
from compose.launch.containers.docker import Docker, find_reason, open_docker
from compose.launch.processes.home import find_homes
from compose.launch.settings.read_settings import Settings, read_settings
from compose.launch.settings.secrets import mask_secrets
from compose.launch.terminal import StopError, note
from compose.launch.verbs.bring_up import bring_up
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.clean_up import clean_up
from compose.launch.verbs.look_after import add_user, list_services, restart, scale_workers, show_logs, take_down


def up(command: Command, settings: Settings, docker: Docker) -> None:
    """Take the mode that MODE says, else containers where Docker answers; else the embedded platform."""
    mode, how = command.environment.get("MODE"), "type  make up MODE=embedded"
    reason = find_reason(docker) if mode != "embedded" else ""
    if not reason and mode != "embedded":
        bring_up(command, settings, docker)
        return
    reason = reason[:1].upper() + reason[1:]
    if mode == "compose":
        raise StopError(f"{reason}, and MODE=compose needs it: mend that, or {how}")
    if reason and docker.program and command.secrets.exists():
        raise StopError(f"{reason}, and this clone has a stack in containers: start Docker, or {how}  for another one.")
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
    verb, folders = arguments[0], list[Path]()
    try:
        command = read_command(verb, root, environment)
        folders = [command.secrets, *(home.secrets for home in find_homes(command))]
        settings = read_settings(command)
        return VERBS[verb](command, settings, open_docker(command, settings)) or 0
    except StopError as stop:
        note(mask_secrets("\n".join(stop.sentences), *folders))
        return stop.status
    except KeyboardInterrupt:
        if verb in ("up", "restart", "scale"):
            note("\nStopped by hand; what has started keeps running:  make ps  make down")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd(), os.environ))
