"""The own environment of a project that has a requirements.txt: built once, and entered before a command runs.

`python -m service.contract.own_environment` builds those of all projects beforehand, as an image does. Its packages
come first, the platform's after them. Only the standard library is imported here: other packages may be missing.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from db_handler.errors import QuartetError, UsageError
from service.contract.ending import hand_over_lifeline
from service.contract.projects import ROOT, find_folders, list_projects

REQUIREMENTS, VENV, LOCK, STATE = "requirements.txt", ".venv", ".venv.lock", "built-from"
FAILED = "failed-because"  # the reason, written where an image is built and read where it can't be built
ENTERED = "QUARTET_ENTERED"
PIP = "install --quiet --disable-pip-version-check --no-input --no-color --progress-bar off --no-warn-script-location"

log = logging.getLogger(__name__)


class EnvironmentFailedError(UsageError):
    """A project's own environment can't be built as its requirements.txt asks."""


def enter(project: str, arguments: Sequence[str]) -> None:
    """Go on in the project's own environment: this process becomes its Python; without one nothing happens."""
    folder = next(iter(find_folders(project)), None)
    if folder is None or not (folder / REQUIREMENTS).is_file():
        return
    if Path(sys.prefix).resolve() == (folder / VENV).resolve():  # this is its Python
        return
    python = provide(folder)
    if os.environ.get(ENTERED) == str(os.getpid()):  # a process keeps its number when it becomes another
        raise EnvironmentFailedError(f"{python} does not use its own environment: unset PYTHONHOME and run again")
    os.environ[ENTERED] = str(os.getpid())
    hand_over_lifeline()
    os.execv(python, [str(python), "-m", f"{project}.run", *arguments])  # noqa: S606 (no shell is what we want)


def provide(folder: Path) -> Path:
    """Answer with the Python of a project's own environment, which is built if it is missing or out of date."""
    state = _read_state(folder)
    if not _is_built(folder, state):
        try:
            with (folder / LOCK).open("w") as lock:
                _take(lock, folder)
                if not _is_built(folder, state):  # another process has done it meanwhile
                    _build(folder, state, lock)
        except OSError as error:
            if (folder / VENV / FAILED).is_file():
                raise EnvironmentFailedError((folder / VENV / FAILED).read_text(encoding="utf-8")) from None
            raise EnvironmentFailedError(
                f"{folder / VENV} can't be built ({error.strerror or error}): mend that, or build it where the folder "
                "can be written: python -m service.contract.own_environment"
            ) from None
    return folder / VENV / "bin" / "python"


def build_all(root: Path = ROOT) -> int:
    """Build the environments of all projects that have one of their own; one that can't be built stops no other."""
    status = 0
    for folder in [root / name for name in list_projects(root) if (root / name / REQUIREMENTS).is_file()]:
        try:
            python = provide(folder)
        except QuartetError as error:
            sys.stderr.write(f"{error}\n")
            with suppress(OSError):
                (folder / VENV).mkdir(exist_ok=True)
                (folder / VENV / FAILED).write_text(f"{error} (an image is built again by: make up)", encoding="utf-8")
            status = error.exit_status
        else:
            sys.stdout.write(f"{folder.name}: its own environment is ready, {python}\n")
    return status


def _is_built(folder: Path, state: str) -> bool:
    """Say whether the environment is whole: its state is written last, so that one that was cut off has none."""
    venv = folder / VENV
    try:
        written = (venv / STATE).read_text(encoding="utf-8")
    except OSError:
        return False
    return written == state and (venv / "bin" / "python").exists() and (venv / "pyvenv.cfg").exists()


def _read_state(folder: Path) -> str:
    """Hash what an environment is built from: both lists of packages, and the Python and packages it stands on."""
    hashed = hashlib.sha256("\n".join([str(sys.implementation.cache_tag), *_find_packages()]).encode())
    for path in (folder / REQUIREMENTS, ROOT / REQUIREMENTS):
        hashed.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
    return hashed.hexdigest()


def _find_packages() -> list[str]:
    """Name the folders of the platform's packages."""
    return [place for place in site.getsitepackages() if Path(place).is_dir()]


def _take(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.info("%s: another process is building its environment, waiting for it", folder.name)
        fcntl.flock(lock, fcntl.LOCK_EX)


def _build(folder: Path, state: str, lock: IO[str]) -> None:
    log.info("%s: building its own environment in %s, as its %s asks", folder.name, folder / VENV, REQUIREMENTS)
    venv = folder / VENV
    if venv.exists():
        shutil.rmtree(venv)
    _run([sys.executable, "-I", "-m", "venv", str(venv)], folder, lock)
    _run([str(venv / "bin" / "python"), "-I", "-m", "pip", *PIP.split(), "-r", REQUIREMENTS], folder, lock)
    # Only now: pip would take the platform's packages for its own. The name is the last of those that are read.
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(venv)}))
    (packages / "zz_platform.pth").write_text("".join(f"{place}\n" for place in _find_packages()), encoding="utf-8")
    draft = venv / f"{STATE}-draft"
    draft.write_text(state, encoding="utf-8")
    draft.replace(venv / STATE)


def _run(command: list[str], folder: Path, lock: IO[str]) -> None:
    """Run one command; it holds the lock too, so that one whose parent was killed is waited for."""
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        pass_fds=[lock.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = [line.strip() for line in done.stdout.splitlines() if line.strip()][-4:]
        raise EnvironmentFailedError(
            f"{folder.name}/{REQUIREMENTS} can't be installed ({' | '.join(last)[-700:] or 'it says nothing'}); "
            "mend it and run again"
        )


if __name__ == "__main__":
    sys.exit(build_all())
