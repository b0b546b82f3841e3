"""Makes the home ready for the embedded platform: packages, secrets, tables, users; the second time it only looks."""

import hashlib
import subprocess
from collections.abc import Mapping
from pathlib import Path

from compose.launch.command import Command, run_program
from compose.launch.processes.airflow_users import Call, create_user
from compose.launch.processes.homes import Home
from compose.launch.processes.platform import PYTHON
from compose.launch.settings.secrets import HOME_MAKERS, make_secrets
from compose.launch.settings.write_file import write_file
from compose.launch.terminal import Progress, StopError, last_line, quote

# Calls functions of the platform; an error of the family is one sentence.
INSIDE = """import sys
from db_handler.errors import QuartetError
try:
    {}
except QuartetError as error:
    sys.exit(str(error))
"""
OPEN_HOME = INSIDE.format(
    "from db_handler.connection.home import open_home; "
    "from db_handler.settings import read_settings; open_home(read_settings().home)"
)
OPEN_TRACKING = INSIDE.format("from service.tracking.tracking import open_tracking; open_tracking()")


def name_stamp(home: Home) -> Path:
    """Name the file that says with which packages the home was prepared."""
    return home.airflow / ".prepared-with"


def prepare_home(command: Command, home: Home, environment: Mapping[str, str]) -> None:
    """Have .venv hold the whole platform, bring all tables up to date when it is new, and see that the users exist."""
    setup = ["bash", "compose/python/setup.sh", "stack"]  # says itself what it does
    if subprocess.run(setup, cwd=command.root, env=command.environment, check=False).returncode:  # noqa: S603
        raise StopError(status=1)
    call = call_python(command, environment)
    done = call(["-c", OPEN_HOME], "")
    if done.returncode:
        raise StopError(last_line(done.stderr))
    make_secrets(home.secrets, HOME_MAKERS, mode=0o600)
    home.log("").parent.mkdir(exist_ok=True)
    packages = hashlib.sha256((command.root / "requirements-stack.txt").read_bytes()).hexdigest()
    stamp, state = name_stamp(home), f"{packages} {home.path}"
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
        done = call(arguments, "")
        if done.returncode:
            raise StopError(f"Preparing {what} failed:", *quote(done.stdout + done.stderr, 12), status=1)
    for user, role in (("admin", "Admin"), *([("ticker", "User")] if home.demo else [])):
        progress.show(f"preparing Airflow's user {user}")
        create_user(call, user, role, (home.secrets / f"{user}_password").read_text(encoding="utf-8"))
    progress.show("")
    write_file(stamp, state, mode=0o644)


def call_python(command: Command, environment: Mapping[str, str]) -> Call:
    """Give a way to call the platform's own Python."""
    return lambda arguments, given: run_program([PYTHON, *arguments], command.root, environment, given)
