"""`make ps`: what is up, and how it is."""

from compose.launch.command import House
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.homes import Home
from compose.launch.processes.run_process import read_processes
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import answer
from compose.launch.verbs.mode import find_up

COLUMNS = "table {{.Service}}\t{{.Status}}\t{{.Ports}}"


def list_services(house: House, settings: Settings, docker: Docker) -> int:
    """Print one line for each container or process."""
    found = find_up(house, settings, docker)
    if found is None:
        answer("Nothing is up: type  make up")
        return 0
    if found.home:
        _list_processes(house, found.home)
        return 0
    return docker.show("compose", "ps", "-a", "--format", COLUMNS)


def _list_processes(house: House, home: Home) -> None:
    answer(f"{'PROCESS':<24}{'STATUS':<12}{'NUMBER':<10}{'PORT':<8}LOG")
    for process in read_processes(home.processes):
        status, port = "running" if process.is_alive else "ended", str(process.port or "")
        log = house.name_path(home.logs / f"{process.name}.log")
        answer(f"{process.name:<24}{status:<12}{process.pid:<10}{port:<8}{log}")
