"""Makes the home ready for the embedded platform: packages, secrets, tables, users; the second time it only looks."""

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

from compose.launch.command import House
from compose.launch.processes.airflow import find_python
from compose.launch.processes.airflow_users import Call, create_user
from compose.launch.processes.homes import Home
from compose.launch.settings.secrets import FOLDER_MODE, make_fernet_key, make_jwt_secret, make_password
from compose.launch.settings.write_file import check_place, write_file
from compose.launch.terminal import Progress, StopError, last_lines

MAKERS = {
    "fernet_key": make_fernet_key,
    "jwt_secret": make_jwt_secret,
    "api_secret_key": make_password,
    "admin_password": make_password,
    "ticker_password": make_password,
}
STAMP = ".prepared-with"
OPEN_HOME = """import sys
from db_handler.errors import QuartetError
from db_handler.connection.home import open_home
from db_handler.settings import read_settings
try:
    open_home(read_settings().home)
except QuartetError as error:
    sys.exit(str(error))
"""
OPEN_TRACKING = """import sys
from db_handler.errors import QuartetError
from service.tracking.tracking import open_tracking
try:
    open_tracking()
except QuartetError as error:
    sys.exit(str(error))
"""


def install_packages(house: House) -> None:
    """Have .venv hold the whole platform; it says itself what it does."""
    command = ["bash", "compose/python/setup.sh", "stack"]
    done = subprocess.run(command, cwd=house.root, env=dict(house.environment), check=False)  # noqa: S603
    if done.returncode:
        raise StopError(status=1)


def prepare_home(house: House, home: Home, environment: Mapping[str, str]) -> None:
    """Bring all tables up to date when the packages are new, and see that both users are there."""
    python = str(find_python(house))
    _run("The home", [python, "-c", OPEN_HOME], house.root, environment, status=2)
    make_home_secrets(home)
    home.logs.mkdir(exist_ok=True)
    home.processes.mkdir(exist_ok=True)
    stamp, packages = home.airflow / STAMP, (house.root / "requirements-stack.txt").read_bytes()
    state = f"{hashlib.sha256(packages).hexdigest()} {home.path}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    progress = Progress()
    progress.tell("Preparing the home: tables and users.")
    for doing, command in (
        ("our tables", ["-m", "db_handler", "migrate"]),
        ("MLflow's tables", ["-c", OPEN_TRACKING]),
        ("Airflow's tables", ["-m", "airflow", "db", "migrate"]),
    ):
        progress.show(f"preparing {doing}")
        _run(f"Preparing {doing}", [python, *command], house.root, environment)
    call = call_python(house, environment)
    for user, role in (("admin", "Admin"), *([("ticker", "User")] if home.demo else [])):
        progress.show(f"preparing Airflow's user {user}")
        create_user(call, user, role, (home.secrets / f"{user}_password").read_text(encoding="utf-8"))
    progress.end()
    write_file(stamp, state, mode=0o644)


def make_home_secrets(home: Home) -> None:
    """Make what is missing, for this user's eyes only; with a database that knows them they can't be made anew."""
    made_before = (home.airflow / STAMP).exists()
    home.secrets.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    if wrong := check_place(home.secrets, folder=True):
        raise StopError(wrong)
    home.secrets.chmod(FOLDER_MODE)
    for name, make in MAKERS.items():
        path = home.secrets / name
        if wrong := check_place(path, folder=False):
            raise StopError(wrong)
        if path.exists() and path.read_text(encoding="utf-8").strip():
            continue
        if made_before:
            raise StopError(
                f"{path} is {'empty' if path.exists() else 'gone'}, and Airflow's database was made with it: restore "
                f"it from a backup, or move {home.airflow} away to begin Airflow anew."
            )
        write_file(path, make(), mode=0o600)


def call_python(house: House, environment: Mapping[str, str]) -> Call:
    """Give a way to call the platform's own Python."""

    def call(arguments: list[str], given: str) -> tuple[int, str]:
        done = subprocess.run(  # noqa: S603
            [str(find_python(house)), *arguments],
            cwd=house.root,
            env=dict(environment),
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return call


def _run(what: str, command: list[str], root: Path, environment: Mapping[str, str], status: int = 1) -> None:
    done = subprocess.run(  # noqa: S603
        command,
        cwd=root,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = last_lines(done.stderr or done.stdout, 12)
        if len(lines) == 1:
            raise StopError(lines[0], status=status)
        raise StopError(f"{what} failed:", *(f"  | {line}" for line in lines), status=1)
