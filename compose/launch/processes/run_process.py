"""Processes that outlive the launcher: started in sessions of their own, known by number and start time."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from compose.launch.settings.write_file import write_file


@dataclass(frozen=True)
class Process:
    """One that was started, from the note that was made of it."""

    name: str
    pid: int
    started: str
    port: int
    note: Path

    @property
    def is_alive(self) -> bool:
        """Say whether it is still that process: numbers are given again."""
        return bool(self.started) and read_start(self.pid) == self.started

    @property
    def noted(self) -> float:
        """Say when it was started, as the file system's clock has it."""
        return self.note.stat().st_mtime


def start_process(
    name: str, command: list[str], *, folder: Path, log: Path, root: Path, environment: Mapping[str, str], port: int
) -> "tuple[Process, subprocess.Popen[bytes]]":
    """Start a process and note it; its words go to the end of its log."""
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            cwd=root,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(name, child.pid, read_start(child.pid), port, folder / f"{name}.json")
    told = {"pid": process.pid, "started": process.started, "port": port}
    write_file(process.note, json.dumps(told), mode=0o644)
    return process, child


def read_processes(folder: Path) -> list[Process]:
    """Read all notes; one that can't be read counts for nothing."""
    found = []
    for note in sorted(folder.glob("*.json")):
        with suppress(ValueError, KeyError, TypeError, OSError):
            told = json.loads(note.read_text(encoding="utf-8"))
            found.append(Process(note.stem, int(told["pid"]), str(told["started"]), int(told["port"]), note))
    return found


def stop_processes(processes: list[Process], *, seconds: float) -> None:
    """Ask all to end, wait, and kill what is left of their sessions."""
    alive = [process for process in processes if process.is_alive]
    for process in alive:
        # Only the first of its session: a scheduler lets its tasks finish.
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
    end = time.monotonic() + seconds
    while any(process.is_alive for process in alive) and time.monotonic() < end:
        time.sleep(0.1)
    for process in processes:
        # Where no process has the number any more, a session of that number can only be what it left behind.
        if process.is_alive or not read_start(process.pid):
            for pid in list_session(process.pid):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        process.note.unlink(missing_ok=True)


def list_session(leader: int) -> list[int]:
    """List the processes of a session; tasks have groups of their own, but not sessions."""
    try:
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    except OSError:
        listed = subprocess.run(["/bin/ps", "-A", "-o", "pid="], capture_output=True, encoding="utf-8", check=False)
        pids = [int(word) for word in listed.stdout.split()]
    found = []
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                found.append(pid)
    return found


def read_start(pid: int) -> str:
    """Read when a process began, in the system's own words; a process that is gone or ended has none."""
    try:
        # After the name, which may hold anything: the state is the first field, the start the twentieth.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _ask_ps(pid)
    return "" if fields[0] in "ZX" else fields[19]


def _ask_ps(pid: int) -> str:
    done = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, encoding="utf-8", check=False
    )
    state, _, start = done.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else start.strip()
