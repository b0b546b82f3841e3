"""Makes the home ready for the embedded platform: packages, secrets, tables, users; the second time it only looks."""

import hashlib
import re
import subprocess
from collections.abc import Callable, Mapping

from compose.launch.command import Command, run_program
from compose.launch.processes.platform import PYTHON, Home
from compose.launch.settings.secrets import HOME_MAKERS, make_secrets, write_file
from compose.launch.terminal import StopError, last_line, note, quote

OPEN_HOME = (
    "from db_handler.connection.home import open_home; "
    "from db_handler.settings import read_settings; open_home(read_settings().home)"
)
OPEN_TRACKING = "from service.tracking.tracking import open_tracking; open_tracking()"
PREPARED = ".prepared-with"  # the file that says with which packages the home was prepared
# Runs beside Airflow, which takes a password as an argument only: here the argument is added inside the process.
INSIDE = (
    "import runpy, sys; sys.argv[1:] = [*sys.argv[1:], '--password', sys.stdin.readline().strip()]; "
    "runpy.run_module('airflow', run_name='__main__', alter_sys=True)"
)
# Takes arguments of a Python beside Airflow and what is given on standard input.
Call = Callable[[list[str], str], subprocess.CompletedProcess[str]]


def prepare_home(command: Command, home: Home, environment: Mapping[str, str]) -> None:
    """Have .venv hold the whole platform, bring all tables up to date when it is new, and see that the users exist."""
    setup = ["bash", "compose/python/setup.sh", "stack"]  # says itself what it does
    if subprocess.run(setup, cwd=command.root, env=command.environment, check=False).returncode:  # noqa: S603
        raise StopError(status=1)
    call = call_python(command, environment)
    done = call(["-c", OPEN_HOME], "")
    if done.returncode:
        raise StopError(last_line(done.stderr).partition(": ")[2])  # behind the error's name
    make_secrets(home.secrets, HOME_MAKERS, mode=0o600)
    home.log("").parent.mkdir(exist_ok=True)
    packages = hashlib.sha256((command.root / "requirements-stack.txt").read_bytes()).hexdigest()
    stamp, state = home.airflow / PREPARED, f"{packages} {home.path}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    note("Preparing the home: tables and users.")
    for what, arguments in (
        ("our tables", ["-m", "db_handler", "migrate"]),
        ("MLflow's tables", ["-c", OPEN_TRACKING]),
        ("Airflow's tables", ["-m", "airflow", "db", "migrate"]),
    ):
        done = call(arguments, "")
        if done.returncode:
            raise StopError(f"Preparing {what} failed:", *quote(done.stdout + done.stderr, 12), status=1)
    for user, role in (("admin", "Admin"), *([("ticker", "User")] if home.demo else [])):
        create_user(call, user, role, (home.secrets / f"{user}_password").read_text(encoding="utf-8"))
    write_file(stamp, state, mode=0o644)


def call_python(command: Command, environment: Mapping[str, str]) -> Call:
    """Give a way to call the platform's own Python."""
    return lambda arguments, given: run_program([PYTHON, *arguments], command.root, environment, given)


def create_user(call: Call, name: str, role: str, password: str) -> bool:
    """Make a user of Airflow; answers whether it is new, since an existing one keeps its password."""
    words = ["create", "--username", name, "--role", role, "--firstname", name, "--lastname", "quartet"]
    words += ["--email", f"{name}@localhost"]
    return change_user(call, words, password, "created with role|already exist") == "created with role"


def change_user(call: Call, words: list[str], password: str, good: str) -> str:
    """Answer with that of the good words which Airflow said; the password never stands on a command line."""
    done = call(["-P", "-c", INSIDE, "users", *words], password)
    match = re.search(good, done.stdout + done.stderr)
    if done.returncode or not match:
        lines = (line.replace(password, "***") for line in quote(done.stdout + done.stderr, 6))
        verb = "made" if words[0] == "create" else "changed"
        raise StopError(f"The user {words[2]} can't be {verb}:", *lines, status=1)
    return match[0]
