"""`make up` in containers: check, settings and secrets, images, start, wait, table."""

import time
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers import stack
from compose.launch.containers.docker import Docker, check_engine
from compose.launch.containers.stack import Container, list_volumes, read_containers
from compose.launch.processes.supervise import find_running_home, list_processes
from compose.launch.settings.check_settings import check_ports, check_settings, check_slack
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.settings.secrets import MAKERS, OPTIONAL, check_place, check_secrets, make_secrets, write_file
from compose.launch.terminal import StopError, note, print_up

MARK = ".made-as."  # begins the name of a file in the secrets' folder, which ends with a stack's name
LOST = "and the stack's data was made with it: restore it from a backup, or type  make clean  to begin with nothing."
# What a service publishes, for the closing table: name, service, its port, the port's setting, scheme, user, secret.
PUBLISHED = (
    ("Airflow", "airflow-apiserver", 8080, "AIRFLOW_PORT", "http://", "admin", "airflow_admin_password"),
    ("MLflow", "mlflow", 5000, "MLFLOW_PORT", "http://", "admin", "mlflow_admin_password"),
    ("MLflow", "mlflow", 5000, "MLFLOW_PORT", "http://", "reader", "mlflow_reader_password"),
    ("MySQL", "mysql", 3306, "MYSQL_PORT", "", "writer", "mysql_writer_password"),
    ("MySQL", "mysql", 3306, "MYSQL_PORT", "", "reader", "mysql_reader_password"),
    ("store", "store", 9001, "STORE_CONSOLE_PORT", "http://", "quartet", "store_root_password"),
)


def bring_up(command: Command, settings: Settings, docker: Docker) -> None:
    """Bring the stack up, or leave with the sentences that help; a second time it changes no data."""
    started, before, logs = time.monotonic(), read_containers(docker), command.root / "artifacts" / "logs"
    mark = command.secrets / f"{MARK}{docker.project}"  # whether its data are real ones or the demo's
    check_all(command, settings, docker, before, mark)

    write_settings(command, settings)
    if count := make_secrets(command.secrets, MAKERS, mode=0o444):  # containers read them as users of their own
        note(f"{count} secrets were made in {command.name_path(command.secrets)}.")
    for path in (command.secrets / name for name in OPTIONAL):
        if not path.exists():
            write_file(path, "", mode=0o644)
    write_file(mark, "demo" if settings.demo else "real", mode=0o644)

    plan = stack.read_plan(docker)
    stack.provide_images(docker, plan, settings["QUARTET_IMAGE"], logs)
    stack.start_containers(docker, plan, before, command.seconds, logs / "compose-up.log")
    rows = [
        (name, f"{scheme}127.0.0.1:{settings[key]}", user, f"compose/secrets/{secret}")
        for name, service, port, key, scheme, user, secret in PUBLISHED
        if service in plan and port in plan[service].ports
    ]
    workers = f" with {settings['WORKERS']} workers" if settings.celery else ""
    headline = f"Quartet is up after {time.monotonic() - started:.0f} s: {settings['EXECUTOR']}{workers}."
    print_up(headline, rows, demo=settings.demo)


def check_all(command: Command, settings: Settings, docker: Docker, before: list[Container], mark: Path) -> None:
    """Collect whatever is missing, so that it can be mended in one go; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable, image = not faults, settings["QUARTET_IMAGE"]  # else neither ports nor the image can be looked at
    filled = any(name.endswith(("postgres-data", "mysql-data", "store-data")) for name in list_volumes(docker))
    local = usable and image.endswith(stack.LOCAL)
    built = local and docker.ask("image", "inspect", "-f", "{{.Id}}", image).returncode == 0
    faults += check_place(command.settings_file)
    faults += check_engine(docker, celery=settings.celery, built=built)
    faults += check_secrets(command.secrets, MAKERS, lost=LOST if filled else "")
    faults += check_slack(command, settings)
    other, work = ("real", "the demo") if settings.demo else ("demo", "real work")
    if filled and mark.exists() and mark.read_text(encoding="utf-8") == other:
        how = f"type  make up DEMO={'' if settings.demo else '1'}  or begin with nothing:  make clean"
        faults.append(f"The stack {docker.project} holds {other} data, which {work} can't go on with: {how}")
    if home := find_running_home(command):
        names = ", ".join(process.name for process in list_processes(home))
        faults.append(f"The embedded platform is running ({names}): type  make down  first.")
    elif usable and not any(one.state == "running" for one in before):  # which would be in its own way
        faults += check_ports(settings, settings.published)
    if faults:
        raise StopError(*faults, "Nothing was changed.")
