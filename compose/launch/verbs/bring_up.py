"""`make up` in containers: check, settings and secrets, images, start, wait, table."""

import time
from pathlib import Path

from compose.launch.command import PORTS, Command
from compose.launch.containers.docker import Docker, Engine, check_engine
from compose.launch.containers.stack import (
    Container,
    Plan,
    is_built_here,
    list_volumes,
    provide_images,
    read_containers,
    read_plan,
    start_containers,
)
from compose.launch.processes.supervise import find_running_home, list_processes
from compose.launch.settings.check_settings import check_ports, check_settings, check_slack
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.settings.secrets import MAKERS, OPTIONAL, check_place, check_secrets, make_secrets, write_file
from compose.launch.terminal import Row, StopError, note, print_up

STORES = ("postgres-data", "mysql-data", "store-data")
LOST = "and the stack's data was made with it: restore it from a backup, or type  make clean  to begin with nothing."
# What a service publishes, for the closing table: name, service, its port, the port's setting, user, the user's secret.
PUBLISHED = (
    ("Airflow", "airflow-apiserver", 8080, "AIRFLOW_PORT", "admin", "airflow_admin_password"),
    ("MLflow", "mlflow", 5000, "MLFLOW_PORT", "admin", "mlflow_admin_password"),
    ("MLflow", "mlflow", 5000, "MLFLOW_PORT", "reader", "mlflow_reader_password"),
    ("MySQL", "mysql", 3306, "MYSQL_PORT", "writer", "mysql_writer_password"),
    ("MySQL", "mysql", 3306, "MYSQL_PORT", "reader", "mysql_reader_password"),
    ("store", "store", 9001, "STORE_CONSOLE_PORT", "quartet", "store_root_password"),
)


def bring_up(command: Command, settings: Settings, docker: Docker, engine: Engine) -> None:
    """Bring the stack up, or leave with the sentences that help; a second time it changes no data."""
    started, before, logs = time.monotonic(), read_containers(docker), command.root / "artifacts" / "logs"
    check_all(command, settings, docker, engine, before)

    write_settings(command, settings)
    if count := make_secrets(command.secrets, MAKERS, mode=0o444):  # containers read them as users of their own
        note(f"{count} secrets were made in {command.name_path(command.secrets)}.")
    for path in (command.secrets / name for name in OPTIONAL):
        if not path.exists():
            write_file(path, "", mode=0o644)
    write_file(name_mark(command, docker), "demo" if settings.demo else "real", mode=0o644)

    plan = read_plan(docker)
    provide_images(docker, settings["QUARTET_IMAGE"], logs / "compose-build.log")
    start_containers(docker, plan, before, command.seconds, logs / "compose-up.log")
    workers = f" with {settings['WORKERS']} workers" if settings.celery else ""
    headline = f"Quartet is up after {time.monotonic() - started:.0f} s: {settings['EXECUTOR']}{workers}."
    print_up(headline, list_rows(settings, plan), demo=settings.demo)


def check_all(command: Command, settings: Settings, docker: Docker, engine: Engine, before: list[Container]) -> None:
    """Collect whatever is missing, so that it can be mended in one go; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable, image = not faults, settings["QUARTET_IMAGE"]  # else neither ports nor the image can be looked at
    filled = not {f"{docker.project}_{name}" for name in STORES}.isdisjoint(list_volumes(docker))
    built = usable and is_built_here(image) and docker.ask("image", "inspect", "-f", "{{.Id}}", image).returncode == 0
    faults += check_place(command.settings_file)
    faults += check_engine(engine, celery=settings.celery, built=built)
    faults += check_secrets(command.secrets, MAKERS, lost=LOST if filled else "")
    faults += check_slack(command, settings)
    other, work = ("real", "the demo") if settings.demo else ("demo", "real work")
    mark = name_mark(command, docker)
    if filled and mark.exists() and mark.read_text(encoding="utf-8") == other:
        faults.append(
            f"The stack {docker.project} holds {other} data, which {work} can't go on with: "
            f"type  make up DEMO={'' if settings.demo else '1'}  or begin with nothing:  make clean"
        )
    if home := find_running_home(command):
        names = ", ".join(process.name for process in list_processes(home))
        faults.append(f"The embedded platform is running ({names}): type  make down  first.")
    elif usable and not any(one.state == "running" for one in before):  # which would be in its own way
        faults += check_ports(settings, PORTS)
    if faults:
        raise StopError(*faults, "Nothing was changed.")


def name_mark(command: Command, docker: Docker) -> Path:
    """Name the file that says of a stack whether its data are real ones or the demo's."""
    return command.secrets / f".made-as.{docker.project}"


def list_rows(settings: Settings, plan: Plan) -> list[Row]:
    """List what is published on this machine."""
    return [
        (name, f"127.0.0.1:{settings[key]}", user, f"compose/secrets/{secret}")
        for name, service, port, key, user, secret in PUBLISHED
        if service in plan and port in plan[service].ports
    ]
