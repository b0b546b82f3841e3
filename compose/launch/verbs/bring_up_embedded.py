"""`make up` without Docker: the same platform as processes of this machine."""

import time

from compose.launch.command import Command, run_program
from compose.launch.processes import supervise
from compose.launch.processes.home import Home, Ports, build_environment, find_homes, prepare_home
from compose.launch.processes.supervise import list_processes, read_ports, write_config
from compose.launch.settings.check_settings import check_ports, check_settings, find_free_port
from compose.launch.settings.read_settings import Settings, write_settings
from compose.launch.settings.secrets import HOME_MAKERS, check_place, check_secrets
from compose.launch.terminal import StopError, print_up, quote, wait_for

KEYS = {"airflow": "AIRFLOW_PORT", "mlflow": "MLFLOW_PORT"}
LONGEST_SOCKET = 90  # what all systems take, and a number that the supervisor adds for a moment
LOST = "and Airflow's database was made with it: restore it from a backup, or move the home's folder airflow away."


def bring_up_embedded(command: Command, settings: Settings) -> None:
    """Start what does not run yet, and wait until all is healthy; data stay as they are."""
    started, (real, demo) = time.monotonic(), find_homes(command)
    home = demo if settings.demo else real
    is_up = bool(list_processes(home))
    if not is_up:
        supervise.end_leftovers(home)
    check_embedded(command, settings, home)
    write_settings(command, settings)
    ports = read_ports(home) if is_up else {name: int(settings[key]) for name, key in KEYS.items()}
    ports.setdefault("exchange", find_free_port(8788))
    environment = build_environment(command, settings, home, ports)
    prepare_home(command, home, environment)
    if is_up:
        supervise.start_missing(home)
    else:
        done = run_program(write_config(home, ports), command.root, environment)
        if done.returncode:
            raise StopError("The supervisor can't be started:", *quote(done.stderr or done.stdout, 5), status=1)
    if late := wait_for(lambda: look_at(home, ports), command.seconds):
        raise _explain(home, late, f"is not ready after {command.seconds} s")
    headline = f"Quartet is up after {time.monotonic() - started:.0f} s, embedded: LocalExecutor, home {home.path}."
    password = command.name_path(home.secrets / "admin_password")
    airflow = ("Airflow", f"http://127.0.0.1:{ports['airflow']}", "admin", password)
    mlflow = ("MLflow", f"http://127.0.0.1:{ports['mlflow']}", "(none)", "no login: this machine only")
    print_up(headline, [airflow, mlflow], demo=home.demo)


def check_embedded(command: Command, settings: Settings, home: Home) -> None:
    """Collect whatever is in the way; nothing has been changed yet."""
    faults = check_settings(command, settings)
    usable = not faults
    if settings.celery and "EXECUTOR" in command.typed:
        faults.append("EXECUTOR=celery needs containers: install Docker, or type  make up EXECUTOR=local")
    if set(str(home.path)) & set('%?#"'):
        faults.append(f"The home {home.path} holds one of % ? # in its path, or a quote, which can't be: move it.")
    if len(str(home.supervisor("sock")).encode()) > LONGEST_SOCKET:
        faults.append(f"The path of the home {home.path} is too long for a socket in it: move it, or set QUARTET_HOME.")
    faults += check_place(command.settings_file)
    faults += check_secrets(home.secrets, HOME_MAKERS, lost=LOST if home.stamp.exists() else "")
    running = supervise.find_running_home(command)
    if running and running != home:
        faults.append(f"The platform in {running.path} is running: type  make down  first.")
    elif running and usable:
        ports = read_ports(running)
        for name, key in KEYS.items():
            if ports[name] != int(settings[key]):
                faults.append(f"{name} runs on port {ports[name]} and not on {settings[key]}: type  make down  first.")
    elif usable:
        faults += check_ports(settings, KEYS.values())
    if faults:
        raise StopError(*faults, "Nothing was changed.")


def look_at(home: Home, ports: Ports) -> list[str]:
    """Name the processes that are not ready; one that has ended stops."""
    processes = list_processes(home)
    for process in processes:
        if not process.is_alive:
            raise _explain(home, process.name, f"ended with {supervise.read_end(home, process.name)} at its start")
    ready = supervise.find_ready(ports, processes)
    return [process.name for process in processes if process.name not in ready]


def _explain(home: Home, name: str, reason: str) -> StopError:
    log = home.log(name)
    lines = quote(log.read_text(encoding="utf-8", errors="replace")) if log.exists() else []
    last = "The platform is not up; what has started keeps running. More:  make ps  make down"
    return StopError(f"{name} {reason}. The last lines of {log}:", *(lines or ["  (it said nothing)"]), last, status=1)
