"""The embedded platform: its home, the environment of its processes, and the supervisor's settings."""

import configparser
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

from compose.launch.command import Command
from compose.launch.settings.read_settings import DEMO_EXCHANGE, Settings, parse_settings
from compose.launch.settings.secrets import write_file

TEMPLATES = Path(__file__).parents[2] / "embedded"
PYTHON = ".venv/bin/python"
# Set by the user for other uses, they would turn our processes away from the home.
FOREIGN = ("AIRFLOW_CONFIG", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "PYTHONHOME", "PYTHONSAFEPATH")
START_SECONDS = 10


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


@dataclass(frozen=True)
class Ports:
    """Where the embedded platform listens, on this machine only."""

    airflow: int
    mlflow: int
    exchange: int


def find_home(command: Command, *, demo: bool) -> Home:
    """Answer with the home's absolute path; the demo has one of its own inside."""
    path = (command.root / Path(command.environment.get("QUARTET_HOME") or "artifacts").expanduser()).resolve()
    return Home(path / "stack-demo" if demo else path, demo)


def find_homes(command: Command) -> list[Home]:
    return [find_home(command, demo=False), find_home(command, demo=True)]


def build_environment(command: Command, settings: Settings, home: Home, ports: Ports) -> dict[str, str]:
    """Put together what all processes share."""
    inherited = {name: value for name, value in command.environment.items() if name not in FOREIGN}
    exchange = f"http://127.0.0.1:{ports.exchange}/v1"
    own = parse_settings(_fill("airflow.env", airflow=ports.airflow, home=home.path, root=command.root)) | {
        "PATH": f"{command.root / '.venv/bin'}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "QUARTET_DEMO": "1" if home.demo else "",
        "QUARTET_UPBIT_URL": settings["QUARTET_UPBIT_URL"].replace(DEMO_EXCHANGE, exchange),
        "SLACK_CHANNEL": settings["SLACK_CHANNEL"],
        "SLACK_API_URL": settings["SLACK_API_URL"],
        "NO_PROXY": ",".join(filter(None, [inherited.get("NO_PROXY"), "127.0.0.1,localhost"])),
    }
    if sys.platform == "darwin":
        # Without these macOS ends forked workers: https://github.com/apache/airflow/discussions/24463
        own |= {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"}
    return inherited | own


def write_config(home: Home, ports: Ports) -> list[str]:
    """Write what the supervisor is told; answers with its command line."""
    python = f"{PYTHON} -S -m compose.launch.processes.session {PYTHON}"
    names = ["supervisord.conf", *(["exchange.conf"] if home.demo else [])]
    text = "".join(_fill(name, python=python, start_seconds=START_SECONDS, **asdict(ports)) for name in names)
    write_file(home.supervisor("conf"), text, mode=0o600)
    mask = os.umask(0o022)
    os.umask(mask)
    return [PYTHON, "-m", "supervisor.supervisord", "-c", str(home.supervisor("conf")), "-m", f"{mask:03o}"]


def read_ports(home: Home) -> Ports:
    """Read on which ports the platform was started."""
    config = configparser.RawConfigParser(default_section="none")
    config.read(home.supervisor("conf"), encoding="utf-8")
    return Ports(**{name: int(port) for name, port in config["quartet"].items()})


def _fill(name: str, **values: object) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)
