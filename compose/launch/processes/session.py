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


def kill_all(session: int, *, orphans: bool = False) -> None:
    """Kill every process of a session, or those whose parent is gone; the supervisor leads it, and has none there."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        parents = read_parents(session)
        pids = [pid for pid, parent in parents.items() if not orphans or (parent not in parents and pid != session)]
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


def _list_processes() -> Iterator[list[str]]:
    if not Path("/proc/self/stat").exists():  # macOS
        words = ["/bin/ps", "-A", "-o", "pid=,stat=,ppid="]
        for line in subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines():  # noqa: S603
            yield line.split()[:3]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield [path.parent.name, *path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]]


if __name__ == "__main__":
    kill_all(os.getsid(0), orphans=True)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 (no shell is what we want)
