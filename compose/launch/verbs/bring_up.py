"""`make up` in containers: check, settings and secrets, images, start, wait, table."""

import time

from compose.launch.command import PORTS, Command
from compose.launch.containers.docker import Docker, Engine, check_engine
from compose.launch.containers.stack import Container, Plan, list_volumes, read_containers, read_plan
from compose.launch.containers.start import has_image, is_built_here, provide_images, start_containers
from compose.launch.processes.supervise import find_running_home, list_processes
from compose.launch.settings.check_settings import check_ports, check_settings, check_slack
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.settings.secrets import MAKERS, OPTIONAL, check_place, check_secrets, make_secrets, write_file
from compose.launch.terminal import Row, StopError, note, print_up
from compose.launch.verbs.mode import name_mark

STORES = ("postgres-data", "mysql-data", "store-data")
LOST = "and the stack's data was made with it: restore it from a backup, or type  make clean  to begin with nothing."
# What a service publishes, for the closing table: name, service, its port, the port's setting, address, users' secrets.
PUBLISHED = (
    ("Airflow", "airflow-apiserver", 8080, "AIRFLOW_PORT", "http://{}", {"admin": "airflow_admin"}),
    ("MLflow", "mlflow", 5000, "MLFLOW_PORT", "http://{}", {"admin": "mlflow_admin", "reader": "mlflow_reader"}),
    ("MySQL", "mysql", 3306, "MYSQL_PORT", "{}/quartet", {"writer": "mysql_writer", "reader": "mysql_reader"}),
    ("store", "store", 9001, "STORE_CONSOLE_PORT", "http://{}", {"quartet": "store_root"}),
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
    write_file(name_mark(command, docker.project), "demo" if settings.demo else "real", mode=0o644)

    plan = read_plan(docker)
    provide_images(docker, plan, settings["QUARTET_IMAGE"], logs / "compose-build.log")
    start_containers(docker, plan, before, command.seconds, logs / "compose-up.log")
    workers = f" with {settings['WORKERS']} workers" if settings.celery else ""
    headline = f"Quartet is up after {time.monotonic() - started:.0f} s: {settings['EXECUTOR']}{workers}."
    print_up(headline, list_rows(settings, plan), demo=settings.demo)


def check_all(command: Command, settings: Settings, docker: Docker, engine: Engine, before: list[Container]) -> None:
    """Collect whatever is missing, so that it can be mended in one go; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable = not faults  # ports and images can only be looked at where they are written well
    filled = not {f"{docker.project}_{name}" for name in STORES}.isdisjoint(list_volumes(docker))
    built = usable and is_built_here(settings["QUARTET_IMAGE"]) and has_image(docker, settings["QUARTET_IMAGE"])
    faults += check_place(command.settings_file)
    faults += check_engine(engine, celery=settings.celery, built=built)
    faults += check_secrets(command.secrets, MAKERS, lost=LOST if filled else "")
    faults += check_slack(command, settings)
    mark = name_mark(command, docker.project)
    other, work = ("real", "the demo") if settings.demo else ("demo", "real work")
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


def list_rows(settings: Settings, plan: Plan) -> list[Row]:
    """List what is published on this machine."""
    rows: list[Row] = []
    for name, service, port, key, form, users in PUBLISHED:
        if service in plan and port in plan[service].ports:
            place = (name, form.format(f"127.0.0.1:{settings[key]}"))
            for user, secret in users.items():
                rows.append((*place, user, f"compose/secrets/{secret}_password"))
                place = ("", "")
    return rows
