"""`make up` without Docker: the same platform as processes of this machine."""

import time
from collections.abc import Callable

from compose.launch.command import Command
from compose.launch.processes.ask_health import ask_airflow, read
from compose.launch.processes.homes import Home, find_home
from compose.launch.processes.platform import Ports, build_environment, read_ports, write_config
from compose.launch.processes.prepare_home import install_packages, prepare_home
from compose.launch.processes.supervise import (
    Process,
    end_leftovers,
    find_running_home,
    list_processes,
    read_end,
    start_missing,
    start_supervisor,
)
from compose.launch.settings.check_settings import check_ports, check_settings, find_free_port
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import mask_secrets
from compose.launch.settings.write_file import check_place
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, Row, StopError, print_up, quote

EXCHANGE_PORT = 8788
PAUSE = 0.5
LONGEST_SOCKET = 90  # what all systems take, and a number that the supervisor adds for a moment


def bring_up_embedded(command: Command, settings: Settings) -> None:
    """Start what does not run yet, and wait until all is healthy; data stay as they are."""
    seconds, progress = command.seconds, Progress()
    home = find_home(command, demo=settings.demo)
    processes = list_processes(home)
    if not processes:
        end_leftovers(home)
    check_embedded(command, settings, home)
    if command.typed.keys() & settings.kept.keys():
        write_settings(command, settings)
    install_packages(command)

    ports = choose_ports(settings, home)
    environment = build_environment(command, settings, home, ports)
    prepare_home(command, home, environment)
    if processes:
        start_missing(home)
    else:
        start_supervisor(write_config(command, home, ports), command.root, environment)
    before = {process.name: process.pid for process in processes if process.is_alive}
    wait_for_processes(home, lambda running: find_ready(home, ports, running), before, seconds)
    password = command.name_path(home.secrets / "admin_password")
    rows: list[Row] = [
        ("Airflow", f"http://127.0.0.1:{ports.airflow}", "admin", password),
        ("MLflow", f"http://127.0.0.1:{ports.mlflow}", "(none)", "no login: this machine only"),
    ]
    headline = f"Quartet is up after {progress.seconds} s, embedded: LocalExecutor, home {home.path}."
    print_up(headline, rows, demo=home.demo)


def check_embedded(command: Command, settings: Settings, home: Home) -> None:
    """Collect whatever is in the way; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable = not faults
    if settings.celery and "EXECUTOR" in command.typed:
        faults.append("EXECUTOR=celery needs containers: install Docker, or type  make up EXECUTOR=local")
    if set(str(home.path)) & set("%?#"):
        faults.append(
            f"The home {home.path} holds one of % ? # in its path, which addresses of databases can't: move it."
        )
    if len(str(home.socket).encode()) > LONGEST_SOCKET:
        faults.append(f"The path of the home {home.path} is too long for a socket in it: move it, or set QUARTET_HOME.")
    faults += filter(None, [check_place(command.settings_file, folder=False)])
    running = find_running_home(command)
    if running and running != home:
        faults.append(f"The platform in {running.path} is running: type  make down  first.")
    elif usable:
        faults += _check_ports(settings, running)
    if faults:
        raise StopError(*faults, "Nothing was changed.")


def choose_ports(settings: Settings, home: Home) -> Ports:
    """Take the ports of the settings; an exchange that runs keeps its own."""
    exchange = read_ports(home).exchange if list_processes(home) else find_free_port(EXCHANGE_PORT)
    return Ports(settings.port("AIRFLOW_PORT"), settings.port("MLFLOW_PORT"), exchange)


def wait_for_processes(
    home: Home, find_ready: Callable[[list[Process]], set[str]], before: dict[str, int], seconds: int
) -> None:
    """Return when every process is healthy; one that ends is told at once, with its last lines."""
    progress = Progress()
    pids: dict[str, int] = {}
    told: set[str] = set()
    while True:
        processes = list_processes(home)
        for process in processes:
            if not process.is_alive or pids.setdefault(process.name, process.pid) != process.pid:
                progress.show("")
                raise _explain(home, process.name, f"ended with {read_end(home, process.name)} at its start")
        ready = find_ready(processes)
        for process in processes:
            if process.name in ready - told and before.get(process.name) != process.pid:
                told.add(process.name)
                progress.tell(f"{process.name} healthy after {progress.seconds} s")
        waiting = [process.name for process in processes if process.name not in ready]
        if not waiting:
            progress.show("")
            return
        if progress.seconds >= seconds:
            progress.show("")
            raise _explain(home, waiting[0], f"is not ready after {progress.seconds} s")
        progress.show(f"{len(ready)} of {len(processes)} ready; waiting for {', '.join(waiting)}")
        time.sleep(PAUSE)


def find_ready(home: Home, ports: Ports, processes: list[Process]) -> set[str]:
    """Name the processes that are healthy."""
    ready = ask_airflow(ports.airflow, {process.name: process.started for process in processes})
    if read(f"http://127.0.0.1:{ports.mlflow}/health"):
        ready.add("mlflow")
    if home.demo and read(f"http://127.0.0.1:{ports.exchange}/v1/market/all"):
        ready.add("exchange")
    return ready & {process.name for process in processes if process.is_alive}


def _check_ports(settings: Settings, running: Home | None) -> list[str]:
    """Look at the ports; a platform that runs on other ones would have to be stopped first."""
    keys = {"AIRFLOW_PORT": "airflow-apiserver", "MLFLOW_PORT": "mlflow"}
    if running is None:
        return check_ports(settings, keys, held=())
    ports = read_ports(running)
    return [
        f"{keys[key]} is running on port {port}, not {settings.port(key)}: type  make down  first."
        for key, port in (("AIRFLOW_PORT", ports.airflow), ("MLFLOW_PORT", ports.mlflow))
        if port != settings.port(key)
    ]


def _explain(home: Home, name: str, reason: str) -> StopError:
    log = home.log(name)
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    lines = [mask_secrets(line, home.secrets) for line in quote(text)]
    return StopError(
        f"{name} {reason}. The last lines of {log}:",
        *(lines or ["  (it said nothing)"]),
        "The platform is not up; what has started keeps running. More:  make ps  make down",
        status=1,
    )
