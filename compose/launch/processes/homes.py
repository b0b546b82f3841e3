"""The homes of the embedded platform: the real one and the demo's."""

from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import Command

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
    def socket(self) -> Path:
        """Where the supervisor listens."""
        return self.path / "supervisor.sock"

    @property
    def pid_file(self) -> Path:
        return self.path / "supervisor.pid"

    @property
    def config(self) -> Path:
        """What the supervisor was told when it was started."""
        return self.path / "supervisor.conf"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"


def find_home(command: Command, *, demo: bool) -> Home:
    """Answer with the home's absolute path; the demo has one of its own inside."""
    path = (command.root / Path(command.environment.get("QUARTET_HOME") or "artifacts").expanduser()).resolve()
    return Home(path / DEMO_FOLDER if demo else path, demo)


def find_homes(command: Command) -> list[Home]:
    return [find_home(command, demo=False), find_home(command, demo=True)]
