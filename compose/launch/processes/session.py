"""The session of a home's supervisor, which holds all processes of the platform, also those that lost their parent.

`python -m compose.launch.processes.session PROGRAM ...` ends what killed processes have left there, such as a server's
worker that holds its port or a scheduler's tasks, and becomes the program.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LINUX = Path("/proc/self/stat").exists()


def kill_all(session: int, home: Path | None = None) -> None:
    """Kill the processes of a session that were started with a home; without one, those whose parent is gone.

    A number may have been given again since the note of it; whoever has it now knows nothing of the home.
    """
    end = time.monotonic() + 5
    while time.monotonic() < end:
        parents = read_parents(session)
        if home:
            pids = [pid for pid in parents if is_of_home(pid, home)]
        else:  # the supervisor leads the session, and has no parent there
            pids = [pid for pid, parent in parents.items() if parent not in parents and pid != session]
        if not pids:
            return
        for pid in pids:
            with suppress(OSError):  # it is gone
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def read_parents(session: int) -> dict[int, int]:
    """Read the processes of a session that have not ended, each with its parent."""
    parents = {}
    for pid, state, parent in _list_processes():
        with suppress(OSError):  # it is gone
            if not state.startswith("Z") and os.getsid(int(pid)) == session:
                parents[int(pid)] = int(parent)
    return parents


def is_of_home(pid: int, home: Path) -> bool:
    """Say whether a process was started with this home in its environment."""
    if not LINUX:
        return f" QUARTET_HOME={home} " in _call_ps("-E", "-ww", "-o", "command=", "-p", str(pid)).replace("\n", " ")
    with suppress(OSError):  # it is gone, or somebody else's
        return os.fsencode(f"QUARTET_HOME={home}") in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def _list_processes() -> Iterator[list[str]]:
    if not LINUX:
        yield from (line.split()[:3] for line in _call_ps("-A", "-o", "pid=,stat=,ppid=").splitlines())
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield [path.parent.name, *path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]]


def _call_ps(*words: str) -> str:
    return subprocess.run(["/bin/ps", *words], capture_output=True, text=True, check=False).stdout  # noqa: S603


if __name__ == "__main__":
    kill_all(os.getsid(0))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 (no shell is what we want)
