"""`make user name=anna role=Viewer`: one more user of Airflow, with a generated password in a file."""

from pathlib import Path

from compose.launch.command import Command
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.airflow_users import check_user, create_user, reset_password
from compose.launch.processes.homes import Home
from compose.launch.processes.platform import build_environment, read_ports
from compose.launch.processes.prepare_home import call_python
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import make_password
from compose.launch.settings.write_file import check_place, write_file
from compose.launch.terminal import StopError, answer
from compose.launch.verbs.mode import need_up

INSIDE = ("compose", "exec", "-T", "airflow-apiserver", "python")


def add_user(command: Command, settings: Settings, docker: Docker) -> None:
    """Make a user, or with reset=1 give an existing one a new password; the password is only in its file."""
    name, role = command.words.get("name", ""), command.words.get("role", "Viewer")
    check_user(name, role)
    home = need_up(command, settings, docker)
    if isinstance(home, Home):
        folder = home.secrets
        call = call_python(command, build_environment(command, settings, home, read_ports(home)))
    else:
        folder = command.secrets
        call = lambda arguments, given: docker.ask(*INSIDE, *arguments, given=given, seconds=120)  # noqa: E731
    path = _choose_file(folder, name)
    password = make_password()
    is_new = create_user(call, name, role, password)
    if not is_new and command.words.get("reset") != "1":
        raise StopError(
            f"There is a user {name} already, whose password stays; for a new one type  make user name={name} reset=1",
            status=1,
        )
    if not is_new:
        reset_password(call, name, password)
    write_file(path, password, mode=0o600)
    who = f"User {name} ({role})" if is_new else f"New password of user {name}"
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
