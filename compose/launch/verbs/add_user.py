"""`make user name=anna role=Viewer`: a user of Airflow, with a generated password in a file."""

import re
from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.docker import Docker
from compose.launch.processes.home import Home, build_environment, call_python, set_user
from compose.launch.processes.supervise import read_ports
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import check_place, make_password, write_file
from compose.launch.terminal import StopError, answer
from compose.launch.verbs.look_after import need_up

ROLES = ("Admin", "Op", "User", "Viewer")
HOW = "as in  make user name=anna role=Viewer"
INSIDE = ("compose", "exec", "-T", "airflow-apiserver", "python")


def add_user(command: Command, settings: Settings, docker: Docker) -> None:
    """Make a user, or give an existing one a new password; the password is only in its file."""
    name, role = command.words.get("name", ""), command.words.get("role", "Viewer")
    if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,62}", name):
        rule = "write small letters, digits, dots, _ and -, beginning with a letter"
        raise StopError(f"name={name[:60]!r} can't be: {rule}, {HOW}")
    if role not in ROLES:
        raise StopError(f"role={role[:60]!r} is none; there are {', '.join(ROLES)}, {HOW}")
    home, folder = need_up(command, docker), command.secrets
    call = lambda arguments, given: docker.ask(*INSIDE, *arguments, given=given, seconds=120)  # noqa: E731
    if isinstance(home, Home):
        folder = home.secrets
        call = call_python(command, build_environment(command, settings, home, read_ports(home)))
    path, password = _choose_file(folder, name), make_password()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600  # a job in a container reads the admin's
    is_new = set_user(call, name, role, password)
    write_file(path, password, mode=mode)
    who = f"User {name} ({role})" if is_new else f"New password of user {name}, whose role stays"
    answer(f"{who}: {command.name_path(path)}")


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
