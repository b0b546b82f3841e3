"""`make up` in containers: check, settings and secrets, images, start, wait, table."""

from compose.launch.command import PORTS, Command
from compose.launch.containers.engine import Engine, check_engine
from compose.launch.containers.made_as import check_made_as, write_made_as
from compose.launch.containers.provide_images import has_image, is_built_here, provide_images, remove_extras
from compose.launch.containers.run_docker import Docker
from compose.launch.containers.stack import Container, Plan, has_data, read_containers, read_plan
from compose.launch.containers.start import Start, start_containers
from compose.launch.processes.homes import find_homes
from compose.launch.processes.supervise import list_processes
from compose.launch.settings.check_settings import check_ports, check_settings
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import check_secrets, make_secrets
from compose.launch.settings.write_file import check_place
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, Row, StopError, note, print_up

# What a service publishes on which port, for the closing table: name, port's setting, form of the address, users.
PUBLISHED = (
    ("Airflow", "airflow-apiserver", 8080, "AIRFLOW_PORT", "http://{}", {"admin": "airflow_admin_password"}),
    (
        *("MLflow", "mlflow", 5000, "MLFLOW_PORT", "http://{}"),
        {"admin": "mlflow_admin_password", "reader": "mlflow_reader_password"},
    ),
    (
        *("MySQL", "mysql", 3306, "MYSQL_PORT", "{}/quartet"),
        {"writer": "mysql_writer_password", "reader": "mysql_reader_password"},
    ),
    ("store", "store", 9001, "STORE_CONSOLE_PORT", "http://{}", {"quartet": "store_root_password"}),
)


def bring_up(command: Command, settings: Settings, docker: Docker, engine: Engine) -> None:
    """Bring the stack up, or leave with the sentences that help; a second time it changes no data."""
    seconds, progress = command.seconds, Progress()
    before = read_containers(docker, settings.project)
    check_all(command, settings, docker, engine, before)

    if write_settings(command, settings):
        note(f"Settings are kept in {command.name_path(command.settings_file)}.")
    if made := make_secrets(command.secrets):
        note(f"{len(made)} secrets were made in {command.name_path(command.secrets)}.")
    write_made_as(command, settings)

    plan = read_plan(docker)
    command.logs.mkdir(parents=True, exist_ok=True)
    provide_images(docker, settings, plan, command.logs / "compose-build.log")
    remove_extras(docker, plan, before)
    start_containers(
        command, Start(docker, settings.project, plan, before, command.secrets, seconds), "--remove-orphans"
    )
    workers = f" with {settings['WORKERS']} workers" if settings.celery else ""
    headline = f"Quartet is up after {progress.seconds} s: {settings['EXECUTOR']}{workers}."
    print_up(headline, list_rows(settings, plan), demo=settings.demo)


def check_all(command: Command, settings: Settings, docker: Docker, engine: Engine, before: list[Container]) -> None:
    """Collect whatever is missing, so that it can be mended in one go; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable = not faults  # ports and images can only be looked at where they are written well
    filled = has_data(docker, settings.project)
    built = usable and is_built_here(settings["QUARTET_IMAGE"]) and has_image(docker, settings["QUARTET_IMAGE"])
    faults += filter(None, [check_place(command.settings_file, folder=False)])
    faults += check_engine(engine, celery=settings.celery, built=built)
    faults += check_secrets(command, settings, has_data=filled)
    faults += check_made_as(command, settings) if filled else []
    if running := [process.name for home in find_homes(command) for process in list_processes(home)]:
        faults.append(f"The embedded platform is running ({', '.join(running)}): type  make down  first.")
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
            places = [(name, form.format(f"127.0.0.1:{settings[key]}")), *[("", "")] * len(users)]
            rows += [
                (*place, user, f"compose/secrets/{secret}")
                for place, (user, secret) in zip(places, users.items(), strict=False)
            ]
    return rows
