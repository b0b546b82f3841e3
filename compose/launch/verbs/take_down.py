"""`make down`: stops what runs, in containers and without; all data stay."""

from dataclasses import replace

from compose.launch.command import House
from compose.launch.containers.look_at_engine import Engine, look_at_engine
from compose.launch.containers.read_containers import read_containers
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.homes import Home, find_homes
from compose.launch.processes.run_process import read_processes, stop_processes
from compose.launch.settings.read_settings import Settings
from compose.launch.terminal import StopError, answer, last_lines, note
from compose.launch.verbs.mode import had_stack

# As long as a container of the scheduler has for letting its tasks finish.
PATIENCE = 60
ALL_PROFILES = "celery,demo"


def take_down(house: House, settings: Settings, docker: Docker) -> None:
    """Stop both modes, whichever runs."""
    stopped = [*stop_embedded(house), *stop_containers(house, settings, docker)]
    answer(f"Stopped: {', '.join(stopped)}. All data are kept." if stopped else "Nothing is running.")


def stop_embedded(house: House) -> list[str]:
    """Stop the processes of all homes; answers with their names."""
    return [name for home in find_homes(house) for name in stop_home(home)]


def stop_home(home: Home, only: str = "") -> list[str]:
    """Stop the servers that tasks talk to last, so that running tasks can finish."""
    processes = [process for process in read_processes(home.processes) if only in ("", process.name)]
    running = [process.name for process in processes if process.is_alive]
    if "airflow-scheduler" in running:
        note(f"Running tasks have {PATIENCE} s to finish.")
    servers = [process for process in processes if process.name in ("airflow-apiserver", "mlflow")]
    stop_processes([process for process in processes if process not in servers], seconds=PATIENCE)
    stop_processes(servers, seconds=10)
    return running


def stop_containers(house: House, settings: Settings, docker: Docker, *, volumes: bool = False) -> list[str]:
    """Remove the containers and networks of the stack, its volumes only where that is asked for."""
    engine = look_at_engine(docker) if docker.program else "none"
    if not isinstance(engine, Engine):
        if had_stack(house):
            note(f"The stack in containers can't be looked at: {engine}.")
        return []
    found = sorted({one.service for one in read_containers(docker, settings.project)})
    if not found and not volumes:
        return []
    flags = ["--remove-orphans", *(["--volumes"] if volumes else [])]
    everything = replace(docker, environment={**docker.environment, "COMPOSE_PROFILES": ALL_PROFILES})
    done = everything.compose("down", *flags, seconds=300)
    if done.returncode:
        raise StopError(
            "The stack can't be stopped:", *(f"  | {line}" for line in last_lines(done.stderr, 5)), status=1
        )
    return found
