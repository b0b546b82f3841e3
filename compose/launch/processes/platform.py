"""The processes of the embedded platform: their environment, their commands, and the supervisor's settings."""

import configparser
import os
import shlex
import sys
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path

from compose.launch.command import Command
from compose.launch.processes.homes import Home
from compose.launch.settings.read_settings import DEMO_EXCHANGE, Settings, parse_settings
from compose.launch.settings.write_file import write_file

TEMPLATES = Path(__file__).parents[2] / "embedded"
PYTHON = ".venv/bin/python"
# Set by the user for other uses, they would turn our processes away from the home.
FOREIGN = ("AIRFLOW_CONFIG", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "PYTHONHOME", "PYTHONSAFEPATH")
SECRETS = (
    ("CORE__FERNET_KEY", "fernet_key"),
    ("API_AUTH__JWT_SECRET", "jwt_secret"),
    ("API__SECRET_KEY", "api_secret_key"),
)
START_SECONDS = 10  # one that ends sooner counts as failed
SERVERS = ("mlflow", "messenger", "airflow-apiserver")  # which hold no tasks


@dataclass(frozen=True)
class Ports:
    """Where the embedded platform listens, on this machine only."""

    airflow: int
    mlflow: int
    exchange: int


def build_environment(command: Command, settings: Settings, home: Home, ports: Ports) -> dict[str, str]:
    """Put together what all processes share; secrets stay in their files."""
    inherited = {name: value for name, value in command.environment.items() if name not in FOREIGN}
    address = f"http://127.0.0.1:{ports.airflow}"
    own = {
        "PATH": f"{command.root / '.venv/bin'}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONPATH": str(command.root),
        "PYTHONUNBUFFERED": "1",
        "QUARTET_HOME": str(home.path),
        "QUARTET_DEMO": "1" if home.demo else "",
        "QUARTET_UPBIT_URL": settings["QUARTET_UPBIT_URL"].replace(
            DEMO_EXCHANGE, f"http://127.0.0.1:{ports.exchange}/v1"
        ),
        "SLACK_CHANNEL": settings["SLACK_CHANNEL"],
        "SLACK_API_URL": settings["SLACK_API_URL"],
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(command.root / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__API__BASE_URL": address,
        "NO_PROXY": ",".join(filter(None, [inherited.get("NO_PROXY"), "127.0.0.1,localhost"])),
    }
    own |= {f"AIRFLOW__{option}_CMD": f"cat {shlex.quote(str(home.secrets / name))}" for option, name in SECRETS}
    if sys.platform == "darwin":
        # Without these macOS ends forked workers: https://github.com/apache/airflow/discussions/24463
        own |= {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"}
    return inherited | parse_settings((TEMPLATES / "airflow.env").read_text(encoding="utf-8")) | own


def list_commands(home: Home, ports: Ports) -> dict[str, str]:
    """List the processes in the order of start; the exchange comes last, since it calls the others."""
    commands = {
        "mlflow": "-m service.cli.make_mlflow",
        "messenger": "-m messenger",
        "airflow-apiserver": f"-m airflow api-server --host 127.0.0.1 --port {ports.airflow}",
        "airflow-scheduler": "-m airflow scheduler --skip-serve-logs",
        "airflow-dag-processor": "-m airflow dag-processor",
        "airflow-triggerer": "-m airflow triggerer --skip-serve-logs",
    }
    if home.demo:
        commands["exchange"] = (
            f"-m crypto_forecast.exchange.service --port {ports.exchange} --airflow http://127.0.0.1:{ports.airflow} "
            f"--airflow-user ticker --airflow-password-file {shlex.quote(str(home.secrets / 'ticker_password'))}"
        )
    return commands


def write_config(home: Home, ports: Ports) -> list[str]:
    """Write what the supervisor is told; answers with its command line."""
    config = configparser.RawConfigParser()
    config.read(TEMPLATES / "supervisord.conf", encoding="utf-8")
    config["quartet"] = {name: str(port) for name, port in asdict(ports).items()}  # for us, it passes over this
    for number, (name, words) in enumerate(list_commands(home, ports).items()):
        config[f"program:{name}"] = {
            **config["program"],
            "command": f"{PYTHON} -S -m compose.launch.processes.session {PYTHON} {words}",
            "priority": str(number),  # the last that was started is the first to be stopped
            "startsecs": str(START_SECONDS),
        }
    for name in SERVERS:
        config[f"program:{name}"]["stopwaitsecs"] = "10"
    config["program:mlflow"]["environment"] = f"QUARTET_TYPED=port,port={ports.mlflow}"
    config.remove_section("program")
    text = StringIO()
    config.write(text)
    write_file(home.supervisor("conf"), text.getvalue(), mode=0o600)
    mask = os.umask(0o022)
    os.umask(mask)
    return [PYTHON, "-m", "supervisor.supervisord", "-c", str(home.supervisor("conf")), "-m", f"{mask:03o}"]


def read_ports(home: Home) -> Ports:
    """Read on which ports the platform was started."""
    config = configparser.RawConfigParser()
    config.read(home.supervisor("conf"), encoding="utf-8")
    return Ports(**{name: int(port) for name, port in config["quartet"].items()})
