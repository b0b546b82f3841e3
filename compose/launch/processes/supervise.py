"""The processes of a home, as its supervisor has them: supervisord, which starts them again and rotates their logs."""

import http.client
import os
import re
import socket
import subprocess
import time
import xmlrpc.client
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compose.launch.command import Command
from compose.launch.processes.homes import Home, find_homes
from compose.launch.processes.session import kill_all
from compose.launch.terminal import StopError, note, quote

# As long as a container of the scheduler has for letting its tasks finish.
PATIENCE = 60
SERVERS = ("airflow-apiserver", "mlflow")  # which tasks talk to


@dataclass(frozen=True)
class Process:
    """One process of the platform."""

    name: str
    state: str  # starting, running, stopping, stopped, or after a crash backoff, exited, fatal
    pid: int
    started: int
    details: str

    @property
    def is_alive(self) -> bool:
        return self.state in ("starting", "running", "stopping")


def call(home: Home, method: str, *arguments: str | bool) -> Any:
    """Call a method of the supervisor's API on its socket; where none runs, that is an OSError."""
    with closing(http.client.HTTPConnection("localhost")) as connection:
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(PATIENCE + 30)
        connection.sock.connect(str(home.socket))
        text = xmlrpc.client.dumps(arguments, f"supervisor.{method}")
        connection.request("POST", "/RPC2", text, {"Content-Type": "text/xml"})
        return xmlrpc.client.loads(connection.getresponse().read())[0][0]


def list_processes(home: Home) -> list[Process]:
    """List all processes of the platform; none are known where no supervisor runs."""
    try:
        infos = call(home, "getAllProcessInfo")
    except (OSError, http.client.HTTPException, xmlrpc.client.Fault):  # also while it ends
        return []
    return [
        Process(info["name"], info["statename"].lower(), info["pid"], info["start"], info["description"])
        for info in infos
    ]


def find_running_home(command: Command) -> Home | None:
    """Answer with the home in which something runs."""
    return next((home for home in find_homes(command) if list_processes(home)), None)


def start_supervisor(command: list[str], root: Path, environment: dict[str, str]) -> None:
    """Start the supervisor, which starts the processes and goes on without us."""
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise StopError("The supervisor can't be started:", *quote(done.stderr or done.stdout, 5), status=1)


def start_missing(home: Home) -> None:
    """Start every process that does not run."""
    for process in list_processes(home):
        if not process.is_alive:
            with suppress(xmlrpc.client.Fault):  # one that comes back by itself meanwhile
                if process.state == "backoff":
                    call(home, "stopProcess", process.name)
                call(home, "startProcess", process.name, False)


def stop_one(home: Home, name: str) -> None:
    with suppress(xmlrpc.client.Fault):  # it does not run
        call(home, "stopProcess", name)


def stop_all(home: Home) -> list[str]:
    """Stop the servers that tasks talk to last, so that running tasks can finish; answers with what ran."""
    names = [process.name for process in list_processes(home) if process.is_alive]
    if not names:
        end_leftovers(home)
        return []
    session = _read_session(home)
    if "airflow-scheduler" in names:
        note(f"Running tasks have {PATIENCE} s to finish.")
    for name in names:
        if name not in SERVERS:
            with suppress(xmlrpc.client.Fault):
                call(home, "stopProcess", name, False)
    while any(process.is_alive and process.name not in SERVERS for process in list_processes(home)):
        time.sleep(0.1)
    call(home, "shutdown")
    end = time.monotonic() + PATIENCE
    while home.socket.exists() and time.monotonic() < end:
        time.sleep(0.1)
    if session:
        kill_all(session)
    return names


def end_leftovers(home: Home) -> None:
    """End what a supervisor has left that was killed; where its number was given again, it left nothing."""
    session = _read_session(home)
    if session and not _is_there(session):
        kill_all(session)
        home.pid_file.unlink(missing_ok=True)


def read_end(home: Home, name: str) -> str:
    """Say how a process ended the last time, from the supervisor's own log."""
    log = home.log("supervisord")
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    ends = re.findall(rf"exited: {re.escape(name)} \((?:exit (status \d+)|terminated by (\w+))", text)
    return "".join(ends[-1]) if ends else "no word"


def _read_session(home: Home) -> int:
    """Read the number of the supervisor, which is that of the session of all that it started."""
    try:
        return int(home.pid_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
