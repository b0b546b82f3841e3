"""Users of Airflow: made, or given a new password, without its ever standing on a command line."""

import re
from collections.abc import Callable
from subprocess import CompletedProcess

from compose.launch.terminal import StopError, quote

ROLES = ("Admin", "Op", "User", "Viewer")
# Runs beside Airflow, which takes a password as an argument only: here the argument is added inside the process.
INSIDE = (
    "import runpy, sys; sys.argv[1:] = [*sys.argv[1:], '--password', sys.stdin.readline().strip()]; "
    "runpy.run_module('airflow', run_name='__main__', alter_sys=True)"
)
# Takes arguments of a Python beside Airflow and what is given on standard input.
Call = Callable[[list[str], str], CompletedProcess[str]]


def create_user(call: Call, name: str, role: str, password: str) -> bool:
    """Make a user; answers whether it is new, since an existing one keeps its password."""
    words = ["create", "--username", name, "--role", role, "--firstname", name, "--lastname", "quartet"]
    words += ["--email", f"{name}@localhost"]
    return _change_users(call, words, password, "created with role|already exist") == "created with role"


def reset_password(call: Call, name: str, password: str) -> None:
    """Give an existing user a new password."""
    _change_users(call, ["reset-password", "--username", name], password, "reset successfully")


def check_user(name: str, role: str) -> None:
    """Refuse a name or a role that can't be."""
    how = "as in  make user name=anna role=Viewer"
    if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,62}", name):
        wrong = f"name={name[:60]!r} can't be: write small letters, digits, dots, _ and -"
        raise StopError(f"{wrong}, beginning with a letter, {how}")
    if role not in ROLES:
        raise StopError(f"role={role[:60]!r} is none; there are {', '.join(ROLES)}, {how}")


def _change_users(call: Call, words: list[str], password: str, good: str) -> str:
    """Answer with those of the good words that Airflow said."""
    done = call(["-P", "-c", INSIDE, "users", *words], password)
    match = re.search(good, done.stdout + done.stderr)
    if done.returncode or not match:
        lines = (line.replace(password, "***") for line in quote(done.stdout + done.stderr, 6))
        raise StopError(
            f"The user {words[2]} can't be {'made' if words[0] == 'create' else 'changed'}:", *lines, status=1
        )
    return match[0]
