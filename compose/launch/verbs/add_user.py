"""`make user name=anna role=Viewer`: a user of Airflow, with a generated password in a file."""

import re
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.docker import Docker
from compose.launch.processes.platform import Home, build_environment, read_ports
from compose.launch.processes.prepare_home import call_python, change_user, create_user
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import check_place, make_password, write_file
from compose.launch.terminal import StopError, answer
from compose.launch.verbs.mode import need_up

ROLES = ("Admin", "Op", "User", "Viewer")
INSIDE = ("compose", "exec", "-T", "airflow-apiserver", "python")


def add_user(command: Command, settings: Settings, docker: Docker) -> None:
    """Make a user, or give an existing one a new password; the password is only in its file."""
    name, role = command.words.get("name", ""), command.words.get("role", "Viewer")
    check_user(name, role)
    home = need_up(command, docker)
    if isinstance(home, Home):
        folder = home.secrets
        call = call_python(command, build_environment(command, settings, home, read_ports(home)))
    else:
        folder = command.secrets
        call = lambda arguments, given: docker.ask(*INSIDE, *arguments, given=given, seconds=120)  # noqa: E731
    path, password = _choose_file(folder, name), make_password()
    is_new = create_user(call, name, role, password)
    if not is_new:
        change_user(call, ["reset-password", "--username", name], password, "reset successfully")
    write_file(path, password, mode=0o600)
    who = f"User {name} ({role})" if is_new else f"New password of user {name}, whose role stays"
    answer(f"{who}: {command.name_path(path)}")


def check_user(name: str, role: str) -> None:
    """Refuse a name or a role that can't be."""
    how = "as in  make user name=anna role=Viewer"
    if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,62}", name):
        rule = "write small letters, digits, dots, _ and -, beginning with a letter"
        raise StopError(f"name={name[:60]!r} can't be: {rule}, {how}")
    if role not in ROLES:
        raise StopError(f"role={role[:60]!r} is none; there are {', '.join(ROLES)}, {how}")


def _choose_file(folder: Path, name: str) -> Path:
    """Name the file of a password; the two users that the platform makes have theirs already."""
    for path in (folder / f"airflow_{name}_password", folder / f"{name}_password"):
        if name in ("admin", "ticker") and path.exists():
            return path
    path = folder / "users" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if faults := check_place(path.parent, folder=True) or check_place(path):
        raise StopError(*faults)
    return path
