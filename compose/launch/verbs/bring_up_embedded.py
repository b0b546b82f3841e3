"""`make up` without Docker: the same platform as processes of this machine."""

import subprocess
import time

from compose.launch.command import House
from compose.launch.processes.airflow import Part, Ports, build_environment, list_parts
from compose.launch.processes.ask_health import answers, ask_airflow
from compose.launch.processes.homes import Home, find_home, find_homes, list_alive
from compose.launch.processes.prepare_home import install_packages, prepare_home
from compose.launch.processes.run_process import Process, read_processes, start_process
from compose.launch.settings.check_ports import check_ports, find_free_port
from compose.launch.settings.check_settings import check_settings
from compose.launch.settings.read_settings import Settings, read_time_limit
from compose.launch.settings.secrets import mask_secrets, read_secrets
from compose.launch.settings.write_file import check_place
from compose.launch.settings.write_settings import write_settings
from compose.launch.terminal import Progress, Row, StopError, answer, last_lines, print_table, tell_what_happens

PORTS = ("AIRFLOW_PORT", "MLFLOW_PORT")
EXCHANGE_PORT = 8788
PAUSE = 0.5
Started = dict[str, "subprocess.Popen[bytes]"]


def bring_up_embedded(house: House, settings: Settings) -> None:
    """Start what does not run yet, and wait until all is healthy; data stay as they are."""
    seconds = read_time_limit(house)
    progress = Progress()
    home = find_home(house, demo=settings.demo)
    check_embedded(house, settings, home)
    if house.typed.keys() & settings.kept.keys():
        write_settings(house, settings)
    install_packages(house)

    ports = choose_ports(settings, home)
    environment = build_environment(house, settings, home, ports)
    prepare_home(house, home, environment)
    parts = list_parts(house, home, ports)
    started = start_parts(house, home, parts, environment)
    try:
        wait_for_parts(home, parts, ports, started, seconds=seconds)
    finally:
        for child in started.values():
            child.returncode = child.poll() or 0  # they go on without us, which is no reason for a warning
    answer(f"Quartet is up after {progress.seconds} s, embedded: LocalExecutor, home {home.path}.")
    print_table(list_embedded_rows(house, home, ports))
    answer(tell_what_happens(demo=home.demo))


def check_embedded(house: House, settings: Settings, home: Home) -> None:
    """Collect whatever is in the way; nothing has been changed yet."""
    wrong = check_settings(house, settings)
    if settings.celery and "EXECUTOR" in house.typed:
        wrong.append("EXECUTOR=celery needs containers: install Docker, or type  make up EXECUTOR=local")
    if set(str(home.path)) & set("%?#"):
        wrong.append(
            f"The home {home.path} holds one of % ? # in its path, which addresses of databases can't: move it."
        )
    if fault := check_place(house.settings_file, folder=False):
        wrong.append(fault)
    for other in find_homes(house):
        if other != home and list_alive(other):
            wrong.append(f"The platform in {other.path} is running: type  make down  first.")
            break
    else:
        if not wrong:
            wrong += _check_ports(settings, home)
    if wrong:
        raise StopError(*wrong, "Nothing was changed.")


def choose_ports(settings: Settings, home: Home) -> Ports:
    """Take the ports of the settings; the exchange keeps the one that it has."""
    had = {process.name: process.port for process in list_alive(home)}
    exchange = had.get("exchange") or find_free_port(EXCHANGE_PORT)
    return Ports(settings.port("AIRFLOW_PORT"), settings.port("MLFLOW_PORT"), exchange)


def start_parts(house: House, home: Home, parts: list[Part], environment: dict[str, str]) -> Started:
    """Start each part that does not run; the exchange comes last, since it calls the others."""
    running = {process.name for process in list_alive(home)}
    started: Started = {}
    for part in parts:
        if part.name not in running:
            _, started[part.name] = start_process(
                part.name,
                part.command,
                folder=home.processes,
                log=home.logs / f"{part.name}.log",
                root=house.root,
                environment={**environment, **(part.environment or {})},
                port=part.port,
            )
    return started


def wait_for_parts(home: Home, parts: list[Part], ports: Ports, started: Started, *, seconds: float) -> None:
    """Return when every part is healthy; one that ends is told at once, with its last lines."""
    progress = Progress()
    told: set[str] = set()
    try:
        while True:
            for name, child in started.items():
                if child.poll() is not None:
                    raise _explain(home, name, f"{name} ended with status {child.returncode} at its start")
            ready = _find_ready(home, ports)
            for part in parts:
                if part.name in (ready & started.keys()) - told:
                    told.add(part.name)
                    progress.tell(f"{part.name} healthy after {progress.seconds} s")
            waiting = [part.name for part in parts if part.name not in ready]
            if not waiting:
                return
            if progress.seconds >= seconds:
                raise _explain(home, waiting[0], f"{waiting[0]} is not ready after {progress.seconds} s")
            progress.show(f"{len(ready)} of {len(parts)} ready; waiting for {', '.join(waiting)}")
            time.sleep(PAUSE)
    finally:
        progress.end()


def list_embedded_rows(house: House, home: Home, ports: Ports) -> list[Row]:
    """List what can be opened in a browser."""
    password = house.name_path(home.secrets / "admin_password")
    return [
        ("Airflow", f"http://127.0.0.1:{ports.airflow}", "admin", password),
        ("MLflow", f"http://127.0.0.1:{ports.mlflow}", "(none)", "no login: this machine only"),
    ]


def _check_ports(settings: Settings, home: Home) -> list[str]:
    """Look at the ports; a part that runs on another one than asked for would have to be stopped first."""
    names = {"airflow-apiserver": "AIRFLOW_PORT", "mlflow": "MLFLOW_PORT"}
    running = {names[process.name]: process for process in list_alive(home) if process.name in names}
    moved = [
        f"{process.name} is running on port {process.port}, not {settings.port(key)}: type  make down  first."
        for key, process in running.items()
        if process.port != settings.port(key)
    ]
    return moved or check_ports(settings, held={p.port for p in running.values()}, keys=PORTS)


def _find_ready(home: Home, ports: Ports) -> set[str]:
    noted: dict[str, Process] = {process.name: process for process in read_processes(home.processes)}
    ready = ask_airflow(ports.airflow, {name: process.noted for name, process in noted.items()})
    if answers(f"http://127.0.0.1:{ports.mlflow}/health"):
        ready.add("mlflow")
    if home.demo and answers(f"http://127.0.0.1:{ports.exchange}/v1/market/all"):
        ready.add("exchange")
    return ready & {name for name, process in noted.items() if process.is_alive}


def _explain(home: Home, name: str, reason: str) -> StopError:
    log = home.logs / f"{name}.log"
    known = read_secrets(home.secrets)
    lines = last_lines(log.read_text(encoding="utf-8", errors="replace")) if log.exists() else []
    return StopError(
        f"{reason}. The last lines of {log}:",
        *([f"  | {mask_secrets(line, known)}" for line in lines] or ["  (it said nothing)"]),
        "The platform is not up; what has started keeps running. More:  make ps  make down",
        status=1,
    )
