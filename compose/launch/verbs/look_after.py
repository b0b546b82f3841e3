"""`make ps`, `logs`, `restart` and `scale`: what Compose or the supervisor does, with our check of a service's name."""

import subprocess

from compose.launch.command import Command, check_service
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import read_plan
from compose.launch.processes.supervise import call, list_processes, stop_all
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import StopError, answer
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.mode import find_up, need_up

WORKER = "airflow-worker"


def list_services(command: Command, settings: Settings, docker: Docker) -> int:
    """Print one line for each container or process."""
    up = find_up(command, settings, docker)
    if up and not up.home:
        return docker.show("compose", "ps", "-a", "--format", "table {{.Service}}\t{{.Status}}\t{{.Ports}}")
    for process in list_processes(up.home) if up and up.home else ():
        answer(f"{process.name:<24}{process.state:<12}{process.details}")
    if not up:
        answer("Nothing is up: type  make up")
    return 0


def show_logs(command: Command, settings: Settings, docker: Docker) -> int:
    """Print the last lines of one service or of all; follow=1 goes on showing."""
    up = need_up(command, settings, docker)
    follow = bool(command.words.get("follow"))
    if not up.home:
        names = check_service(command, {*read_plan(docker), *(one.service for one in up.containers)})
        return docker.show("compose", "logs", "--tail", "200", *(["--follow"] if follow else []), *names)
    running = [process.name for process in list_processes(up.home)]
    files = [str(up.home.log(name)) for name in check_service(command, running) or running]
    return subprocess.run(["tail", "-n", "200", *(["-F"] if follow else []), *files], check=False).returncode  # noqa: S603


def restart(command: Command, settings: Settings, docker: Docker) -> int:
    """Restart one service or all servers, without a change of settings or data; a job is none."""
    up = need_up(command, settings, docker)
    if not up.home:
        running = {one.service for one in up.containers}
        servers = [name for name, service in read_plan(docker).items() if not service.job and name in running]
        return docker.show("compose", "restart", *(check_service(command, servers) or servers))
    names = check_service(command, [process.name for process in list_processes(up.home)])
    if faults := check_settings(command, settings):
        raise StopError(*faults)
    if settings.demo != up.home.demo:
        raise StopError(f"What is up is the home {up.home.path}: type  make restart DEMO={'1' if up.home.demo else ''}")
    for name in names:
        call(up.home, "stopProcess", name)
    if not names:
        stop_all(up.home)
    bring_up_embedded(command, settings)
    return 0


def scale_workers(command: Command, settings: Settings, docker: Docker) -> int:
    """Have another number of Celery workers, kept in `.env`; nothing else is touched."""
    if "WORKERS" not in command.typed:
        raise StopError("How many workers? Type for example  make scale WORKERS=4")
    if faults := check_settings(command, settings):
        raise StopError(*faults)
    up = need_up(command, settings, docker)
    if not settings.celery or not any(one.service == WORKER for one in up.containers):
        raise StopError(
            f"There are no workers to scale: the platform that is up uses the LocalExecutor. "
            f"Type  make up EXECUTOR=celery WORKERS={settings['WORKERS']}"
        )
    write_settings(command, settings)
    return docker.show("compose", "up", "-d", "--wait", "--no-build", "--no-deps", WORKER)
