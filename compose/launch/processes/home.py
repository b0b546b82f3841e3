"""A home: where it is, what its processes are told, and what makes it ready: packages, secrets, tables, users."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from compose.launch.command import PROXIES, Command, run_program
from compose.launch.settings.read_settings import DEMO_EXCHANGE, Settings, parse_settings
from compose.launch.settings.secrets import HOME_MAKERS, make_secrets, write_file
from compose.launch.terminal import StopError, last_line, note, quote

TEMPLATES = Path(__file__).parents[2] / "embedded"
PYTHON = ".venv/bin/python"
# Set by the user for other uses, they would turn our processes away from the home.
FOREIGN = ("AIRFLOW_CONFIG", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "PYTHONHOME", "PYTHONSAFEPATH")
OPEN_HOME = (
    "from db_handler.connection.home import open_home; "
    "from db_handler.settings import read_settings; open_home(read_settings().home)"
)
REFUSE_VIRTUAL_TIME = (
    "from db_handler.open_database import open_database; "
    "from db_handler.ledger.virtual_now import refuse_virtual_time; refuse_virtual_time(open_database())"
)
PREPARATIONS = {
    "our tables": ["-m", "db_handler", "migrate"],
    "MLflow's tables": ["-c", "from service.tracking.tracking import open_tracking; open_tracking()"],
    "Airflow's tables": ["-m", "airflow", "db", "migrate"],
}
# Takes arguments of a Python beside Airflow and what is given on standard input.
Call = Callable[[list[str], str], subprocess.CompletedProcess[str]]
Ports = dict[str, int]  # of airflow, mlflow and the demo's exchange, on this machine only


@dataclass(frozen=True)
class Home:
    """A folder that holds an embedded platform: database, MLflow, Airflow, logs, and its supervisor's files."""

    path: Path
    demo: bool

    @property
    def secrets(self) -> Path:
        return self.path / "airflow" / "secrets"

    @property
    def stamp(self) -> Path:
        """The file that says with which packages the home was prepared."""
        return self.path / "airflow" / ".prepared-with"

    def supervisor(self, suffix: str) -> Path:
        """Name a file of the supervisor: sock, where it listens, pid or conf."""
        return self.path / f"supervisor.{suffix}"

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"


def find_homes(command: Command) -> tuple[Home, Home]:
    """Answer with the home and with that of the demo, which is inside."""
    path = (command.root / Path(command.environment.get("QUARTET_HOME") or "artifacts").expanduser()).resolve()
    return Home(path, demo=False), Home(path / "stack-demo", demo=True)


def build_environment(command: Command, settings: Settings, home: Home, ports: Ports) -> dict[str, str]:
    """Put together what all processes share."""
    inherited = {name: value for name, value in command.environment.items() if name not in FOREIGN}
    inherited |= {name: settings[name] for name in PROXIES if settings[name]}
    exchange = f"http://127.0.0.1:{ports['exchange']}/v1"
    own = parse_settings(fill_template("airflow.env", airflow=ports["airflow"], home=home.path, root=command.root)) | {
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


def fill_template(name: str, **values: object) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)


def prepare_home(command: Command, home: Home, environment: Mapping[str, str]) -> None:
    """Have .venv hold the whole platform, bring all tables up to date when it is new, and see that the users exist."""
    setup = ["bash", "compose/python/setup.sh", "stack"]  # says itself what it does
    if subprocess.run(setup, cwd=command.root, env=command.environment, check=False).returncode:  # noqa: S603
        raise StopError(status=1)
    call = call_python(command, environment)
    done = call(["-c", OPEN_HOME if home.demo else f"{OPEN_HOME}; {REFUSE_VIRTUAL_TIME}"], "")
    if done.returncode:
        raise StopError(last_line(done.stderr).partition(": ")[2])  # behind the error's name
    make_secrets(home.secrets, HOME_MAKERS, mode=0o600)
    home.log("").parent.mkdir(exist_ok=True)
    packages = hashlib.sha256((command.root / "requirements-stack.txt").read_bytes()).hexdigest()
    state = f"{packages} {home.path}"
    if home.stamp.exists() and home.stamp.read_text(encoding="utf-8") == state:
        return
    note("Preparing the home: tables and users.")
    for what, arguments in PREPARATIONS.items():
        done = call(arguments, "")
        if done.returncode:
            raise StopError(f"Preparing {what} failed:", *quote(done.stdout + done.stderr, 12), status=1)
    for user, role in (("admin", "Admin"), *([("ticker", "User")] if home.demo else [])):
        set_user(call, user, role, (home.secrets / f"{user}_password").read_text(encoding="utf-8"))
    write_file(home.stamp, state, mode=0o644)


def call_python(command: Command, environment: Mapping[str, str]) -> Call:
    """Give a way to call the platform's own Python."""
    return lambda arguments, given: run_program([PYTHON, *arguments], command.root, environment, given)


def set_user(call: Call, name: str, role: str, password: str, *, reset: bool = True) -> str:
    """Make a user of Airflow, or set the password of one who is there; answers which: made, changed, or only there."""
    done = call(["compose/airflow/set_user.py", name, role, *(["reset"] if reset else [])], password)
    last = last_line(done.stdout)
    if last not in ("made", "changed", "there"):
        raise StopError(f"The user {name} can't be made:", *quote(done.stdout + done.stderr, 6), status=1)
    return last
