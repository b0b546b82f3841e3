"""The environment in which the embedded platform's processes run, and their commands."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compose.launch.command import House
from compose.launch.processes.homes import Home
from compose.launch.settings.read_settings import DEMO_EXCHANGE, Settings

# Set by the user for other uses, they would turn our processes away from the home.
FOREIGN = ("AIRFLOW_CONFIG", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "PYTHONHOME", "PYTHONSAFEPATH")
SECRET_OPTIONS = {
    "AIRFLOW__CORE__FERNET_KEY_CMD": "fernet_key",
    "AIRFLOW__API_AUTH__JWT_SECRET_CMD": "jwt_secret",
    "AIRFLOW__API__SECRET_KEY_CMD": "api_secret_key",
}
AIRFLOW = {
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__API__ENABLE_SWAGGER_UI": "False",
    "AIRFLOW__API__EXPOSE_CONFIG": "False",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
}


@dataclass(frozen=True)
class Part:
    """One process of the embedded platform."""

    name: str
    command: list[str]
    port: int = 0
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Ports:
    """Where the embedded platform listens, on this machine only."""

    airflow: int
    mlflow: int
    exchange: int


def find_python(house: House) -> Path:
    return house.root / ".venv" / "bin" / "python"


def build_environment(house: House, settings: Settings, home: Home, ports: Ports) -> dict[str, str]:
    """Put together what all processes share; secrets stay in their files."""
    inherited = {name: value for name, value in house.environment.items() if name not in FOREIGN}
    address = f"http://127.0.0.1:{ports.airflow}"
    exchange = settings["QUARTET_UPBIT_URL"].replace(DEMO_EXCHANGE, f"http://127.0.0.1:{ports.exchange}/v1")
    own = {
        "PATH": f"{find_python(house).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONPATH": str(house.root),
        "PYTHONUNBUFFERED": "1",
        "QUARTET_HOME": str(home.path),
        "QUARTET_DEMO": "1" if home.demo else "",
        "QUARTET_UPBIT_URL": exchange,
        "SLACK_CHANNEL": settings["SLACK_CHANNEL"],
        "SLACK_API_URL": settings["SLACK_API_URL"],
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(house.root / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__API__BASE_URL": address,
    }
    keys = {option: f"cat {shlex.quote(str(home.secrets / name))}" for option, name in SECRET_OPTIONS.items()}
    if sys.platform == "darwin":
        # Without these macOS ends forked workers: https://github.com/apache/airflow/discussions/24463
        own |= {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"}
    return {**inherited, **AIRFLOW, **own, **keys}


def list_parts(house: House, home: Home, ports: Ports) -> list[Part]:
    """List all parts in the order of start."""
    python = str(find_python(house))
    airflow = [python, "-m", "airflow"]
    parts = [
        Part(
            "mlflow",
            [python, "-m", "service.cli.make_mlflow"],
            ports.mlflow,
            {"QUARTET_TYPED": "port", "port": str(ports.mlflow)},
        ),
        Part(
            "airflow-apiserver",
            [*airflow, "api-server", "--host", "127.0.0.1", "--port", str(ports.airflow)],
            ports.airflow,
        ),
        Part("airflow-scheduler", [*airflow, "scheduler", "--skip-serve-logs"]),
        Part("airflow-dag-processor", [*airflow, "dag-processor"]),
        Part("airflow-triggerer", [*airflow, "triggerer", "--skip-serve-logs"]),
    ]
    if home.demo:
        exchange = [python, "-m", "crypto_forecast.exchange.service", "--port", str(ports.exchange)]
        exchange += ["--airflow", f"http://127.0.0.1:{ports.airflow}", "--airflow-user", "ticker"]
        exchange += ["--airflow-password-file", str(home.secrets / "ticker_password")]
        parts.append(Part("exchange", exchange, ports.exchange))
    return parts
