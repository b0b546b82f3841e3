"""`make logs`: the last lines of one service or of all; follow=1 goes on showing."""

import subprocess

from compose.launch.command import Command, check_service
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import read_plan
from compose.launch.processes.supervise import list_processes
from compose.launch.settings.read_settings import Settings
from compose.launch.verbs.mode import need_up

COUNT = "200"


def show_logs(command: Command, settings: Settings, docker: Docker) -> int:
    """Print the end of the logs of what is up."""
    up = need_up(command, settings, docker)
    follow = bool(command.words.get("follow"))
    if up.home is None:
        name = check_service(command, {*read_plan(docker), *(one.service for one in up.containers)})
        flags = ["--tail", COUNT, *(["--follow"] if follow else [])]
        return docker.show("compose", "logs", *flags, *([name] if name else []))
    names = [process.name for process in list_processes(up.home)]
    name = check_service(command, names)
    files = [str(up.home.log(one)) for one in ([name] if name else names)]
    return subprocess.run(["tail", "-n", COUNT, *(["-F"] if follow else []), *files], check=False).returncode  # noqa: S603
