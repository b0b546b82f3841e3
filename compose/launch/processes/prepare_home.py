"""Makes the home ready for the embedded platform: packages, secrets, tables, users; the second time it only looks."""

import hashlib
import subprocess
from collections.abc import Mapping

from compose.launch.command import Command
from compose.launch.processes.airflow_users import Call, create_user
from compose.launch.processes.homes import Home
from compose.launch.processes.platform import find_python
from compose.launch.settings.secrets import FOLDER_MODE, make_fernet_key, make_jwt_secret, make_password
from compose.launch.settings.write_file import check_place, write_file
from compose.launch.terminal import Progress, StopError, last_lines, quote

MAKERS = {
    "fernet_key": make_fernet_key,
    "jwt_secret": make_jwt_secret,
    "api_secret_key": make_password,
    "admin_password": make_password,
    "ticker_password": make_password,
}
STAMP = ".prepared-with"
# Calls a function of the platform; an error of the family is one sentence.
OPEN = """import sys
from db_handler.errors import QuartetError
{}
try:
    {}
except QuartetError as error:
    sys.exit(str(error))
"""
OPEN_HOME = OPEN.format(
    "from db_handler.connection.home import open_home\nfrom db_handler.settings import read_settings",
    "open_home(read_settings().home)",
)
OPEN_TRACKING = OPEN.format("from service.tracking.tracking import open_tracking", "open_tracking()")


def install_packages(command: Command) -> None:
    """Have .venv hold the whole platform; it says itself what it does."""
    setup = ["bash", "compose/python/setup.sh", "stack"]
    if subprocess.run(setup, cwd=command.root, env=dict(command.environment), check=False).returncode:  # noqa: S603
        raise StopError(status=1)


def prepare_home(command: Command, home: Home, environment: Mapping[str, str]) -> None:
    """Bring all tables up to date when the packages are new, and see that the users are there."""
    call = call_python(command, environment)
    status, output = call(["-c", OPEN_HOME], "")
    if status:
        raise StopError(*last_lines(output, 1), status=2)
    make_home_secrets(home)
    home.log("").parent.mkdir(exist_ok=True)
    packages = hashlib.sha256((command.root / "requirements-stack.txt").read_bytes()).hexdigest()
    stamp, state = home.airflow / STAMP, f"{packages} {home.path}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    progress = Progress()
    progress.tell("Preparing the home: tables and users.")
    for what, arguments in (
        ("our tables", ["-m", "db_handler", "migrate"]),
        ("MLflow's tables", ["-c", OPEN_TRACKING]),
        ("Airflow's tables", ["-m", "airflow", "db", "migrate"]),
    ):
        progress.show(f"preparing {what}")
        status, output = call(arguments, "")
        if status:
            raise StopError(f"Preparing {what} failed:", *quote(output, 12), status=1)
    for user, role in (("admin", "Admin"), *([("ticker", "User")] if home.demo else [])):
        progress.show(f"preparing Airflow's user {user}")
        create_user(call, user, role, (home.secrets / f"{user}_password").read_text(encoding="utf-8"))
    progress.show("")
    write_file(stamp, state, mode=0o644)


def make_home_secrets(home: Home) -> None:
    """Make what is missing, for this user's eyes only; with a database that knows them they can't be made anew."""
    made_before = (home.airflow / STAMP).exists()
    home.secrets.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    faults = [check_place(home.secrets, folder=True), *(check_place(home.secrets / n, folder=False) for n in MAKERS)]
    if any(faults):
        raise StopError(*filter(None, faults))
    home.secrets.chmod(FOLDER_MODE)
    for name, make in MAKERS.items():
        path = home.secrets / name
        if path.exists() and path.read_text(encoding="utf-8").strip():
            continue
        if made_before:
            raise StopError(
                f"{path} is {'empty' if path.exists() else 'gone'}, and Airflow's database was made with it: restore "
                f"it from a backup, or move {home.airflow} away to begin Airflow anew."
            )
        write_file(path, make(), mode=0o600)


def call_python(command: Command, environment: Mapping[str, str]) -> Call:
    """Give a way to call the platform's own Python."""

    def call(arguments: list[str], given: str) -> tuple[int, str]:
        done = subprocess.run(  # noqa: S603
            [str(find_python(command)), *arguments],
            cwd=command.root,
            env=dict(environment),
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return call
