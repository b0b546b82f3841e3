"""`make ps`, `logs`, `restart`, `scale` and `down`: what Compose or the supervisor does, with our check of names."""

import subprocess

from compose.launch.command import Command, check_service
from compose.launch.containers.docker import Docker, Engine, find_engine
from compose.launch.containers.stack import read_containers, read_plan
from compose.launch.processes.platform import Home, find_homes
from compose.launch.processes.supervise import list_processes, stop_all, stop_one
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.terminal import StopError, answer, note
from compose.launch.verbs.bring_up_embedded import bring_up_embedded
from compose.launch.verbs.mode import find_up, list_stacks, need_up

WORKER = "airflow-worker"


def list_services(command: Command, _settings: Settings, docker: Docker) -> int:
    """Print one line for each container or process."""
    up = find_up(command, docker)
    if up and not isinstance(up, Home):
        return docker.show("compose", "ps", "-a", "--format", "table {{.Service}}\t{{.Status}}\t{{.Ports}}")
    for process in list_processes(up) if isinstance(up, Home) else ():
        answer(f"{process.name:<24}{process.state:<12}{process.details}")
    if not up:
        answer("Nothing is up: type  make up")
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
    names = check_service(command, [process.name for process in list_processes(up)])
    faults = check_settings(command, settings)
    if settings.demo != up.demo:
        faults.append(f"What is up is the home {up.path}: type  make restart DEMO={'1' if up.demo else ''}")
    if faults:
        raise StopError(*faults)
    for name in names:
        stop_one(up, name)
    if not names:
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
        raise StopError(
            f"There are no workers to scale: the platform that is up uses the LocalExecutor. "
            f"Type  make up EXECUTOR=celery WORKERS={settings['WORKERS']}"
        )
    write_settings(command, settings)
    return docker.show("compose", "up", "-d", "--wait", "--no-build", "--no-deps", WORKER)


def take_down(command: Command, _settings: Settings, docker: Docker) -> None:
    """Stop both modes, whichever runs."""
    stopped = [name for home in find_homes(command) for name in stop_all(home)]
    engine = find_engine(docker)
    if isinstance(engine, Engine):
        if services := sorted({one.service for one in read_containers(docker)}):
            docker.turn_to(docker.project).remove_stack()
        stopped += services
    elif list_stacks(command):
        note(f"The stack in containers can't be looked at: {engine}.")
    answer(f"Stopped: {', '.join(stopped)}. All data are kept." if stopped else "Nothing is running.")
