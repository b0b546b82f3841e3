"""The processes of the embedded platform: their environment, their commands, and the supervisor's settings."""

import configparser
import io
import os
import shlex
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from compose.launch.command import Command
from compose.launch.processes.homes import Home
from compose.launch.processes.supervise import PATIENCE, SERVERS
from compose.launch.settings.read_settings import DEMO_EXCHANGE, Settings
from compose.launch.settings.write_file import write_file

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


# One that ends sooner counts as failed, and is started again after a pause that grows with each time.
START_SECONDS = 10
PROGRAM = {
    "autorestart": "true",
    "startretries": "20",
    "killasgroup": "true",
    "redirect_stderr": "true",
    "stdout_logfile_maxbytes": "10MB",
    "stdout_logfile_backups": "3",
}


@dataclass(frozen=True)
class Ports:
    """Where the embedded platform listens, on this machine only."""

    airflow: int
    mlflow: int
    exchange: int


def find_python(command: Command) -> Path:
    return command.root / ".venv" / "bin" / "python"


def build_environment(command: Command, settings: Settings, home: Home, ports: Ports) -> dict[str, str]:
    """Put together what all processes share; secrets stay in their files."""
    inherited = {name: value for name, value in command.environment.items() if name not in FOREIGN}
    address = f"http://127.0.0.1:{ports.airflow}"
    exchange = settings["QUARTET_UPBIT_URL"].replace(DEMO_EXCHANGE, f"http://127.0.0.1:{ports.exchange}/v1")
    own = {
        "PATH": f"{find_python(command).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "PYTHONPATH": str(command.root),
        "PYTHONUNBUFFERED": "1",
        "QUARTET_HOME": str(home.path),
        "QUARTET_DEMO": "1" if home.demo else "",
        "QUARTET_UPBIT_URL": exchange,
        "SLACK_CHANNEL": settings["SLACK_CHANNEL"],
        "SLACK_API_URL": settings["SLACK_API_URL"],
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home.airflow / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(command.root / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__API__BASE_URL": address,
    }
    keys = {option: f"cat {shlex.quote(str(home.secrets / name))}" for option, name in SECRET_OPTIONS.items()}
    if sys.platform == "darwin":
        # Without these macOS ends forked workers: https://github.com/apache/airflow/discussions/24463
        own |= {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"}
    else:
        own["NO_PROXY"] = ",".join(filter(None, [inherited.get("NO_PROXY"), "127.0.0.1,localhost"]))
    return {**inherited, **AIRFLOW, **own, **keys}


def list_commands(command: Command, home: Home, ports: Ports) -> dict[str, list[str]]:
    """List the processes in the order of start; the exchange comes last, since it calls the others."""
    python = str(find_python(command))
    airflow = [python, "-m", "airflow"]
    commands = {
        "mlflow": [python, "-m", "service.cli.make_mlflow"],
        "airflow-apiserver": [*airflow, "api-server", "--host", "127.0.0.1", "--port", str(ports.airflow)],
        "airflow-scheduler": [*airflow, "scheduler", "--skip-serve-logs"],
        "airflow-dag-processor": [*airflow, "dag-processor"],
        "airflow-triggerer": [*airflow, "triggerer", "--skip-serve-logs"],
    }
    if home.demo:
        exchange = [python, "-m", "crypto_forecast.exchange.service", "--port", str(ports.exchange)]
        exchange += ["--airflow", f"http://127.0.0.1:{ports.airflow}", "--airflow-user", "ticker"]
        commands["exchange"] = [*exchange, "--airflow-password-file", str(home.secrets / "ticker_password")]
    return commands


def write_config(command: Command, home: Home, ports: Ports) -> list[str]:
    """Write what the supervisor is told; answers with its command line. Only this user can reach its socket."""
    mask = os.umask(0o022)
    os.umask(mask)
    config = configparser.RawConfigParser()
    config["quartet"] = {name: str(port) for name, port in asdict(ports).items()}  # for us, it passes over this
    config["unix_http_server"] = {"file": str(home.socket), "chmod": "0700"}
    config["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    config["supervisord"] = {
        "pidfile": str(home.pid_file),
        "logfile": str(home.log("supervisord")),
        "logfile_maxbytes": "1MB",
        "logfile_backups": "1",
        "directory": str(command.root).replace("%", "%%"),
        "umask": f"{mask:03o}",
    }
    first = [str(find_python(command)), "-S", "-m", "compose.launch.processes.session"]
    for number, (name, words) in enumerate(list_commands(command, home, ports).items()):
        config[f"program:{name}"] = PROGRAM | {
            "command": shlex.join([*first, *words]).replace("%", "%%"),
            "priority": str(number),
            "startsecs": str(START_SECONDS),
            "stopwaitsecs": str(10 if name in SERVERS else PATIENCE),
            "stdout_logfile": str(home.log(name)),
        }
    config["program:mlflow"]["environment"] = f"QUARTET_TYPED=port,port={ports.mlflow}"
    text = io.StringIO()
    config.write(text)
    write_file(home.config, text.getvalue(), mode=0o600)
    return [str(find_python(command)), "-m", "supervisor.supervisord", "-c", str(home.config)]


def read_ports(home: Home) -> Ports:
    """Read on which ports the platform was started."""
    config = configparser.RawConfigParser()
    config.read(home.config, encoding="utf-8")
    return Ports(**{name: int(port) for name, port in config["quartet"].items()})
