"""The homes of the embedded platform: the real one and the demo's."""

from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import Command


@dataclass(frozen=True)
class Home:
    """A folder that holds an embedded platform: database, MLflow, Airflow, logs, and its supervisor's files."""

    path: Path
    demo: bool

    @property
    def airflow(self) -> Path:
        return self.path / "airflow"

    @property
    def secrets(self) -> Path:
        return self.airflow / "secrets"

    def supervisor(self, suffix: str) -> Path:
        """Name a file of the supervisor: sock, where it listens, pid or conf."""
        return self.path / f"supervisor.{suffix}"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"


def find_home(command: Command, *, demo: bool) -> Home:
    """Answer with the home's absolute path; the demo has one of its own inside."""
    path = (command.root / Path(command.environment.get("QUARTET_HOME") or "artifacts").expanduser()).resolve()
    return Home(path / "stack-demo" if demo else path, demo)


def find_homes(command: Command) -> list[Home]:
    return [find_home(command, demo=False), find_home(command, demo=True)]
