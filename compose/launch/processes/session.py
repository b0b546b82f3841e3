"""The session of a home's supervisor, which holds all processes of the platform, also those that lost their parent.

`python -m compose.launch.processes.session PROGRAM ...` ends what killed processes have left there, such as a server's
worker that holds its port or a scheduler's tasks, and becomes the program.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SECONDS = 5


def kill_all(session: int) -> None:
    """Kill every process of a session."""
    end = time.monotonic() + SECONDS
    while (pids := read_parents(session)) and time.monotonic() < end:
        _kill(pids)


def kill_orphans(session: int) -> None:
    """Kill every process of a session whose parent is gone; the supervisor leads it, and has none there itself."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        parents = read_parents(session)
        orphans = [pid for pid, parent in parents.items() if parent not in parents and pid != session]
        if not orphans:
            return
        _kill(orphans)


def read_parents(session: int) -> dict[int, int]:
    """Read the processes of a session, each with its parent."""
    parents = {}
    for pid, parent in _list_processes():
        with suppress(OSError):  # it is gone
            if os.getsid(pid) == session:
                parents[pid] = parent
    return parents


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(0.05)


def _list_processes() -> list[tuple[int, int]]:
    if not Path("/proc/self/stat").exists():  # macOS
        text = subprocess.run(["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
        return [(int(pid), int(parent)) for pid, parent in (line.split() for line in text.splitlines())]
    processes = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                processes.append((int(path.parent.name), int(parent)))
    return processes


if __name__ == "__main__":
    kill_orphans(os.getsid(0))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 (no shell is what we want)
