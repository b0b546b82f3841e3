"""`make up` in containers: check, settings and secrets, images, start, wait, table."""

from compose.launch.command import House
from compose.launch.containers.check_machine import check_machine
from compose.launch.containers.look_at_engine import Engine
from compose.launch.containers.made_as import check_made_as, write_made_as
from compose.launch.containers.provide_images import has_image, is_built_here, provide_images, remove_extras
from compose.launch.containers.read_containers import Container, has_data, held_ports, list_volumes, read_containers
from compose.launch.containers.read_plan import Plan, read_plan
from compose.launch.containers.run_docker import Docker, end_program
from compose.launch.containers.wait_until_healthy import Watch, wait_until_healthy
from compose.launch.processes.homes import list_running
from compose.launch.settings.check_ports import check_ports
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, read_time_limit
from compose.launch.settings.secrets import check_secrets, make_secrets
from compose.launch.settings.write_file import check_place
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, Row, StopError, answer, note, print_table, tell_what_happens


def bring_up(house: House, settings: Settings, docker: Docker, engine: Engine) -> None:
    """Bring the stack up, or leave with the sentences that help; a second time it changes no data."""
    seconds = read_time_limit(house)
    progress = Progress()
    before = read_containers(docker, settings.project)
    filled = has_data(list_volumes(docker, settings.project), settings.project)
    check_all(house, settings, docker, engine, before, filled=filled)

    if write_settings(house, settings):
        note(f"Settings are kept in {house.name_path(house.settings_file)}.")
    if made := make_secrets(house.secrets):
        note(f"{len(made)} secrets were made in {house.name_path(house.secrets)}.")
    write_made_as(house, settings)

    plan = read_plan(docker)
    house.logs.mkdir(parents=True, exist_ok=True)
    provide_images(docker, settings, plan, house.logs / "compose-build.log")
    remove_extras(docker, plan, before)
    start_containers(house, docker, Watch(docker, settings.project, plan, before, house.secrets), seconds=seconds)
    print_up(settings, plan, progress)


def check_all(
    house: House, settings: Settings, docker: Docker, engine: Engine, before: list[Container], *, filled: bool
) -> None:
    """Collect whatever is missing, so that it can be mended in one go; nothing has been changed yet."""
    wrong = check_settings(house, settings)
    usable = not wrong  # ports and images can only be looked at where they are written well
    wrong += [fault for fault in (check_place(house.settings_file, folder=False),) if fault]
    built = usable and is_built_here(settings["QUARTET_IMAGE"]) and has_image(docker, settings["QUARTET_IMAGE"])
    wrong += check_machine(engine, celery=settings.celery, built=built)
    wrong += check_secrets(house, settings, has_data=filled)
    wrong += check_made_as(house, settings, has_data=filled)
    if running := list_running(house):
        wrong.append(f"The embedded platform is running ({', '.join(running)}): type  make down  first.")
    elif usable:
        wrong += check_ports(settings, held=held_ports(before))
    if wrong:
        raise StopError(*wrong, "Nothing was changed.")


def start_containers(house: House, docker: Docker, watch: Watch, *, seconds: float, only: str = "") -> None:
    """Start all, or one service alone, and wait until it is healthy."""
    log = house.logs / "compose-up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress()
    which = ["--no-deps", only] if only else ["--remove-orphans"]
    with log.open("wb") as output:
        starter = docker.begin("compose", "--progress", "plain", "up", "-d", "--no-build", *which, output=output)
    try:
        wait_until_healthy(watch, starter, log, seconds=seconds, progress=progress)
    finally:
        progress.end()
        end_program(starter)


def print_up(settings: Settings, plan: Plan, progress: Progress) -> None:
    """Print how long it took, the table, and what happens now."""
    workers = f" with {settings['WORKERS']} workers" if settings.celery else ""
    answer(f"Quartet is up after {progress.seconds} s: {settings['EXECUTOR']}{workers}.")
    print_table(list_containers_rows(settings, plan))
    answer(tell_what_happens(demo=settings.demo))


def list_containers_rows(settings: Settings, plan: Plan) -> list[Row]:
    """List what is published on this machine."""
    rows: list[Row] = []
    if plan.publishes("airflow-apiserver", 8080):
        rows.append(_row("Airflow", f"http://127.0.0.1:{settings['AIRFLOW_PORT']}", "admin", "airflow_admin_password"))
    if plan.publishes("mlflow", 5000):
        rows.append(_row("MLflow", f"http://127.0.0.1:{settings['MLFLOW_PORT']}", "admin", "mlflow_admin_password"))
        rows.append(_row("", "", "reader", "mlflow_reader_password"))
    if plan.publishes("mysql", 3306):
        rows.append(_row("MySQL", f"127.0.0.1:{settings['MYSQL_PORT']}/quartet", "writer", "mysql_writer_password"))
        rows.append(_row("", "", "reader", "mysql_reader_password"))
    if plan.publishes("store", 9001):
        rows.append(
            _row("store", f"http://127.0.0.1:{settings['STORE_CONSOLE_PORT']}", "quartet", "store_root_password")
        )
    return rows


def _row(name: str, address: str, user: str, secret: str) -> Row:
    return name, address, user, f"compose/secrets/{secret}"
