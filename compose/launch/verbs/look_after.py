"""`make ps`, `logs`, `restart`, `scale` and `down`: what Compose or the supervisor does, with our check of names."""

import subprocess

from compose.launch.command import Command, check_service
from compose.launch.containers.docker import Docker, Engine, find_engine
from compose.launch.containers.stack import Container, read_containers, read_plan
from compose.launch.processes.home import Home, find_homes
from compose.launch.processes.supervise import call, find_running_home, list_processes, stop_all, stop_one
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.terminal import StopError, answer, note
from compose.launch.verbs.bring_up_embedded import bring_up_embedded

WORKER = "airflow-worker"


def find_up(command: Command, docker: Docker) -> list[Container] | Home:
    """Look for containers first, then for processes; MODE forces one of them. No container means nothing is up."""
    containers = read_containers(docker) if docker.program and command.mode != "embedded" else []
    home = find_running_home(command) if not containers and command.mode != "compose" else None
    return home or containers


def need_up(command: Command, docker: Docker) -> list[Container] | Home:
    """As find_up, where a verb can do nothing without."""
    if up := find_up(command, docker):
        return up
    raise StopError("Nothing is up: type  make up  first.", status=1)


def list_services(command: Command, _settings: Settings, docker: Docker) -> int:
    """Print one line for each container or process."""
    up = find_up(command, docker)
    if not up:
        answer("Nothing is up: type  make up")
    elif not isinstance(up, Home):
        return docker.show("compose", "ps", "-a", "--format", "table {{.Service}}\t{{.Status}}\t{{.Ports}}")
    else:
        for process in list_processes(up):
            answer(f"{process.name:<24}{process.state:<12}{process.details}")
    return 0


def show_logs(command: Command, _settings: Settings, docker: Docker) -> int:
    """Print the last lines of one service or of all; follow=1 goes on showing."""
    up, follow = need_up(command, docker), bool(command.words.get("follow"))
    if not isinstance(up, Home):
        names = check_service(command, {*read_plan(docker), *(one.service for one in up)})
        return docker.show("compose", "logs", "--tail", "200", *(["--follow"] if follow else []), *names)
    running = [process.name for process in list_processes(up)]
    files = [str(up.log(name)) for name in check_service(command, running) or running]
    return subprocess.run(["tail", "-n", "200", *(["-F"] if follow else []), *files], check=False).returncode  # noqa: S603


def restart(command: Command, settings: Settings, docker: Docker) -> int:
    """Restart one service or all servers, without a change of settings or data; a job is none."""
    up = need_up(command, docker)
    if not isinstance(up, Home):
        running = {one.service for one in up}
        servers = [name for name, service in read_plan(docker).items() if not service.job and name in running]
        return docker.show("compose", "restart", *(check_service(command, servers) or servers))
    for name in check_service(command, [process.name for process in list_processes(up)]):
        stop_one(up, name)
        call(up, "startProcess", name, False)
        return 0
    faults = check_settings(command, settings)
    if settings.demo != up.demo:
        faults.append(f"What is up is the home {up.path}: type  make restart DEMO={'1' if up.demo else ''}")
    if faults:
        raise StopError(*faults)
    stop_all(up)
    bring_up_embedded(command, settings)
    return 0


def scale_workers(command: Command, settings: Settings, docker: Docker) -> int:
    """Have another number of Celery workers, kept in `.env`; nothing else is touched."""
    if "WORKERS" not in command.typed:
        raise StopError("How many workers? Type for example  make scale WORKERS=4")
    if faults := check_settings(command, settings):
        raise StopError(*faults)
    up = need_up(command, docker)
    if isinstance(up, Home) or not settings.celery or not any(one.service == WORKER for one in up):
        how = f"make up EXECUTOR=celery WORKERS={settings['WORKERS']}"
        raise StopError(f"There are no workers to scale: what is up uses the LocalExecutor. Type  {how}")
    write_settings(command, settings)
    return docker.show("compose", "up", "-d", "--wait", "--no-build", "--no-deps", WORKER)


def take_down(command: Command, _settings: Settings, docker: Docker) -> int:
    """Stop both modes, whichever runs."""
    stopped, status = [name for home in find_homes(command) for name in stop_all(home)], 0
    engine = find_engine(docker)
    if isinstance(engine, Engine):
        if services := sorted({one.service for one in read_containers(docker)}):
            status = docker.take_all().show("compose", "down", "--remove-orphans")
        stopped += services
    elif command.secrets.exists():
        note(f"The stack in containers can't be looked at: {engine}.")
    if not status:
        answer(f"Stopped: {', '.join(stopped)}. All data are kept." if stopped else "Nothing is running.")
    return status
