"""`make ps`, `logs`, `restart`, `scale`, `user` and `down`, of containers or of processes, whichever is up."""

import re
import subprocess

from compose.launch.command import Command, check_service
from compose.launch.containers.docker import Docker, find_reason
from compose.launch.containers.stack import Container, read_containers, read_plan
from compose.launch.processes.home import Home, build_environment, call_python, find_homes, set_user
from compose.launch.processes.supervise import call, find_running_home, list_processes, read_ports, stop_all, stop_one
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.settings.secrets import check_place, make_password, write_file
from compose.launch.terminal import StopError, answer, note
from compose.launch.verbs.bring_up_embedded import bring_up_embedded

WORKER = "airflow-worker"
ROLES = ("Admin", "Op", "User", "Viewer")
HOW = "as in  make user name=anna role=Viewer"
INSIDE = ("compose", "exec", "-T", "airflow-apiserver", "python")


def find_up(command: Command, docker: Docker) -> list[Container] | Home:
    """Look for containers first, then for processes; MODE forces one of them. No container means nothing is up."""
    containers = read_containers(docker) if docker.program and command.environment.get("MODE") != "embedded" else []
    home = find_running_home(command) if not containers and command.environment.get("MODE") != "compose" else None
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


def add_user(command: Command, settings: Settings, docker: Docker) -> None:
    """Make a user, or with reset=1 give an existing one a new password; the password is only in its file."""
    name, role = command.words.get("name", ""), command.words.get("role", "Viewer")
    if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,62}", name):
        rule = "write small letters, digits, dots, _ and -, beginning with a letter"
        raise StopError(f"name={name[:60]!r} can't be: {rule}, {HOW}")
    if role not in ROLES:
        raise StopError(f"role={role[:60]!r} is none; there are {', '.join(ROLES)}, {HOW}")
    home, folder, prefix = need_up(command, docker), command.secrets, "airflow_"
    call = lambda arguments, given: docker.ask(*INSIDE, *arguments, given=given, seconds=120)  # noqa: E731
    if isinstance(home, Home):
        folder, prefix = home.secrets, ""
        call = call_python(command, build_environment(command, settings, home, read_ports(home)))
    # The two users that the platform makes have their files already.
    path = folder / (f"{prefix}{name}_password" if name in ("admin", "ticker") else f"users/{name}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if faults := check_place(path.parent, folder=True) or check_place(path):
        raise StopError(*faults)
    password = make_password()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600  # a job in a container reads the admin's
    became = set_user(call, name, role, password, reset=command.words.get("reset") == "1")
    if became == "there":
        how = f"for a new one type  make user name={name} reset=1"
        raise StopError(f"There is a user {name} already, whose password stays; {how}", status=1)
    write_file(path, password, mode=mode)
    who = f"User {name} ({role})" if became == "made" else f"New password of user {name}, whose role stays"
    answer(f"{who}: {command.name_path(path)}")


def take_down(command: Command, _settings: Settings, docker: Docker) -> int:
    """Stop both modes, whichever runs."""
    stopped, reason = [name for home in find_homes(command) for name in stop_all(home)], find_reason(docker)
    services = sorted({one.service for one in read_containers(docker)}) if not reason else []
    if services and (status := docker.take_all().show("compose", "down", "--remove-orphans")):
        return status
    if reason and command.secrets.exists():
        note(f"The stack in containers can't be looked at: {reason}.")
    stopped += services
    answer(f"Stopped: {', '.join(stopped)}. All data are kept." if stopped else "Nothing is running.")
    return 0
