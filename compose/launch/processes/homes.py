"""The homes of the embedded platform: the real one and the demo's, and what runs in them."""

from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import House
from compose.launch.processes.run_process import Process, read_processes

DEMO_FOLDER = "stack-demo"


@dataclass(frozen=True)
class Home:
    """A folder that holds an embedded platform: database, MLflow, Airflow, logs."""

    path: Path
    demo: bool

    @property
    def airflow(self) -> Path:
        return self.path / "airflow"

    @property
    def secrets(self) -> Path:
        return self.airflow / "secrets"

    @property
    def processes(self) -> Path:
        return self.path / "processes"

    @property
    def logs(self) -> Path:
        return self.path / "logs"


def find_home(house: House, *, demo: bool) -> Home:
    """Answer with the home's absolute path; the demo has one of its own inside."""
    path = (house.root / Path(house.environment.get("QUARTET_HOME") or "artifacts").expanduser()).resolve()
    return Home(path / DEMO_FOLDER if demo else path, demo)


def find_homes(house: House) -> list[Home]:
    return [find_home(house, demo=False), find_home(house, demo=True)]


def find_running_home(house: House) -> Home | None:
    """Answer with the home in which something runs."""
    return next((home for home in find_homes(house) if read_processes(home.processes)), None)


def list_running(house: House) -> list[str]:
    """Name the parts of the embedded platform that run."""
    return [process.name for home in find_homes(house) for process in list_alive(home)]


def list_alive(home: Home) -> list[Process]:
    return [process for process in read_processes(home.processes) if process.is_alive]
