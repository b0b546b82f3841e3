"""`make restart`: one service or all servers anew, without a change of settings or data."""

from compose.launch.command import Command, check_service
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import read_plan
from compose.launch.containers.start import Start, wait_until_healthy
from compose.launch.processes.homes import Home
from compose.launch.processes.supervise import list_processes, stop_all, stop_one
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import Progress, StopError, answer, quote
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.mode import Up, need_up


def restart(command: Command, settings: Settings, docker: Docker) -> None:
    """Stop and start, then wait until it is healthy again."""
    up = need_up(command, settings, docker)
    if faults := check_settings(command, settings):
        raise StopError(*faults)
    if up.home:
        _restart_processes(command, settings, up.home)
    else:
        _restart_containers(command, settings, docker, up)


def _restart_containers(command: Command, settings: Settings, docker: Docker, up: Up) -> None:
    seconds, progress = command.seconds, Progress()
    plan = read_plan(docker)
    running = {one.service for one in up.containers}
    servers = [name for name, service in plan.items() if not service.job and name in running]
    name = check_service(command, servers)
    done = docker.ask("compose", "restart", *([name] if name else servers), seconds=seconds)
    if done.returncode:
        raise StopError("Restarting failed:", *quote(done.stderr, 5), status=1)
    wait_until_healthy(Start(docker, settings.project, plan, up.containers, command.secrets, seconds))
    answer(f"{name or 'All servers'} restarted and healthy after {progress.seconds} s.")


def _restart_processes(command: Command, settings: Settings, home: Home) -> None:
    name = check_service(command, [process.name for process in list_processes(home)])
    if settings.demo != home.demo:
        raise StopError(f"What is up is the home {home.path}: type  make restart DEMO={'1' if home.demo else ''}")
    if name:
        stop_one(home, name)
    else:
        stop_all(home)
    bring_up_embedded(command, settings)
