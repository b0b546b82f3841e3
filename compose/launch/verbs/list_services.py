"""`make ps`: what is up, and how it is."""

from compose.launch.command import Command
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.supervise import list_processes
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import answer
from compose.launch.verbs.mode import find_up

COLUMNS = "table {{.Service}}\t{{.Status}}\t{{.Ports}}"


def list_services(command: Command, settings: Settings, docker: Docker) -> int:
    """Print one line for each container or process."""
    up = find_up(command, settings, docker)
    if up is None:
        answer("Nothing is up: type  make up")
    elif up.home is None:
        return docker.show("compose", "ps", "-a", "--format", COLUMNS)
    else:
        answer(f"{'PROCESS':<24}{'STATUS':<12}DETAILS")
        for process in list_processes(up.home):
            answer(f"{process.name:<24}{process.state:<12}{process.details}")
    return 0
