"""`make up` in containers: check, settings and secrets, images, start, wait, table."""

from compose.launch.command import PORTS, Command
from compose.launch.containers.engine import Engine, check_engine
from compose.launch.containers.made_as import check_made_as, write_made_as
from compose.launch.containers.provide_images import has_image, is_built_here, provide_images
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import Container, Plan, list_volumes, read_containers, read_plan
from compose.launch.containers.start import Start, start_containers
from compose.launch.processes.supervise import find_running_home, list_processes
from compose.launch.settings.check_settings import check_ports, check_settings
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import MAKERS, OPTIONAL, check_secrets, check_slack, make_secrets
from compose.launch.settings.write_file import check_place, write_file
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, Row, StopError, note, print_up

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
    progress = Progress()
    before = read_containers(docker, settings.project)
    check_all(command, settings, docker, engine, before)

    if write_settings(command, settings):
        note(f"Settings are kept in {command.name_path(command.settings_file)}.")
    if count := make_secrets(command.secrets, MAKERS, mode=0o444):  # containers read them as users of their own
        note(f"{count} secrets were made in {command.name_path(command.secrets)}.")
    for path in (command.secrets / name for name in OPTIONAL):
        if not path.exists():
            write_file(path, "", mode=0o644)
    write_made_as(command, settings)

    plan, logs = read_plan(docker), command.root / "artifacts" / "logs"
    provide_images(docker, settings, plan, logs / "compose-build.log")
    start = Start(docker, settings.project, plan, before, command.secrets, command.seconds)
    start_containers(start, logs / "compose-up.log")
    workers = f" with {settings['WORKERS']} workers" if settings.celery else ""
    headline = f"Quartet is up after {progress.seconds} s: {settings['EXECUTOR']}{workers}."
    print_up(headline, list_rows(settings, plan), demo=settings.demo)


def check_all(command: Command, settings: Settings, docker: Docker, engine: Engine, before: list[Container]) -> None:
    """Collect whatever is missing, so that it can be mended in one go; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable = not faults  # ports and images can only be looked at where they are written well
    filled = not {f"{settings.project}_{name}" for name in STORES}.isdisjoint(list_volumes(docker, settings.project))
    built = usable and is_built_here(settings["QUARTET_IMAGE"]) and has_image(docker, settings["QUARTET_IMAGE"])
    faults += check_place(command.settings_file)
    faults += check_engine(engine, celery=settings.celery, built=built)
    faults += check_secrets(command.secrets, MAKERS, lost=LOST if filled else "")
    faults += check_slack(command, settings)
    faults += check_made_as(command, settings) if filled else []
    if home := find_running_home(command):
        names = ", ".join(process.name for process in list_processes(home))
        faults.append(f"The embedded platform is running ({names}): type  make down  first.")
    elif usable:
        held = {port for one in before if one.state in ("running", "restarting", "paused") for port in one.ports}
        faults += check_ports(settings, PORTS, held=held)
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
