"""`make user name=anna role=Viewer`: one more user of Airflow, with a generated password in a file."""

from pathlib import Path

from compose.launch.command import House
from compose.launch.containers.run_docker import Docker
from compose.launch.processes.airflow import build_environment
from compose.launch.processes.airflow_users import Call, check_user, create_user, reset_password
from compose.launch.processes.prepare_home import call_python
from compose.launch.settings.read_settings import Settings
from compose.launch.settings.secrets import make_password
from compose.launch.settings.write_file import check_place, write_file
from compose.launch.terminal import StopError, answer
from compose.launch.verbs.bring_up_embedded import choose_ports
from compose.launch.verbs.mode import need_up

SERVER = "airflow-apiserver"


def add_user(house: House, settings: Settings, docker: Docker) -> None:
    """Make a user, or with reset=1 give an existing one a new password; the password is only in its file."""
    name, role = house.words.get("name", ""), house.words.get("role", "Viewer")
    check_user(name, role)
    found = need_up(house, settings, docker)
    if found.home:
        environment = build_environment(house, settings, found.home, choose_ports(settings, found.home))
        call, folder = call_python(house, environment), found.home.secrets
    else:
        call, folder = _call_container(docker), house.secrets
    path = _find_file(folder, name)
    password = make_password()
    new = create_user(call, name, role, password)
    if not new and house.words.get("reset") != "1":
        raise StopError(
            f"There is a user {name} already, whose password stays; for a new one type  make user name={name} reset=1",
            status=1,
        )
    if not new:
        reset_password(call, name, password)
    path.unlink(missing_ok=True)
    write_file(path, password, mode=0o600)
    answer(f"{'User' if new else 'New password of user'} {name}{f' ({role})' if new else ''}: {house.name_path(path)}")


def _find_file(folder: Path, name: str) -> Path:
    """Name the file of a password; the two users that the platform makes have theirs already."""
    for path in (folder / f"airflow_{name}_password", folder / f"{name}_password"):
        if name in ("admin", "ticker") and path.exists():
            return path
    path = folder / "users" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if wrong := check_place(path.parent, folder=True) or check_place(path, folder=False):
        raise StopError(wrong)
    return path


def _call_container(docker: Docker) -> Call:
    def call(arguments: list[str], given: str) -> tuple[int, str]:
        done = docker.ask("compose", "exec", "-T", SERVER, "python", *arguments, given=given, seconds=120)
        return done.returncode, done.stdout + done.stderr

    return call
