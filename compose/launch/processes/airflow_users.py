"""Users of Airflow: made, or given a new password, without its ever standing on a command line."""

import re
from collections.abc import Callable

from compose.launch.terminal import StopError, quote

ROLES = ("Admin", "Op", "User", "Viewer")
NAME = r"[a-z][a-z0-9_.-]{0,62}"
# Runs beside Airflow, which takes a password as an argument only: here the argument is added inside the process.
INSIDE = (
    "import runpy, sys; sys.argv[1:] = [*sys.argv[1:], '--password', sys.stdin.readline().strip()]; "
    "runpy.run_module('airflow', run_name='__main__', alter_sys=True)"
)
# Takes arguments of a Python beside Airflow and what is given on standard input; answers with status and words.
Call = Callable[[list[str], str], tuple[int, str]]


def create_user(call: Call, name: str, role: str, password: str) -> bool:
    """Make a user; answers whether it is new, since an existing one keeps its password."""
    identity = ["--username", name, "--role", role, "--firstname", name, "--lastname", "quartet"]
    status, said = call(["-P", "-c", INSIDE, "users", "create", *identity, "--email", f"{name}@localhost"], password)
    if status == 0 and "already exist" in said:
        return False
    if status or "created with role" not in said:
        raise _explain(f"The user {name} can't be made", said, password)
    return True


def reset_password(call: Call, name: str, password: str) -> None:
    """Give an existing user a new password."""
    status, said = call(["-P", "-c", INSIDE, "users", "reset-password", "--username", name], password)
    if status or "reset successfully" not in said:
        raise _explain(f"The password of {name} can't be changed", said, password)


def check_user(name: str, role: str) -> None:
    """Refuse a name or a role that can't be."""
    if not re.fullmatch(NAME, name):
        raise StopError(
            f"name={name[:60]!r} can't be: write small letters, digits, dots, _ and -, beginning with a letter, "
            "as in  make user name=anna role=Viewer"
        )
    if role not in ROLES:
        raise StopError(
            f"role={role[:60]!r} is none; there are {', '.join(ROLES)}, as in  make user name=anna role=Viewer"
        )


def _explain(what: str, said: str, password: str) -> StopError:
    return StopError(f"{what}:", *(line.replace(password, "***") for line in quote(said, 6)), status=1)
