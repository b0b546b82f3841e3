"""The processes of a home, as its supervisor has them: supervisord, which starts them again and rotates their logs."""

import http.client
import json
import os
import re
import socket
import time
import urllib.request
import xmlrpc.client
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compose.launch.command import Command
from compose.launch.processes.platform import Home, Ports, find_homes
from compose.launch.processes.session import kill_all
from compose.launch.terminal import note

# Not through a proxy: it is this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
BEATS = {f"airflow-{part.replace('_', '-')}": part for part in ("scheduler", "dag_processor", "triggerer")}


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
        connection.sock.settimeout(90)
        connection.sock.connect(str(home.supervisor("sock")))
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
        Process(one["name"], one["statename"].lower(), one["pid"], one["start"], one["description"]) for one in infos
    ]


def find_running_home(command: Command) -> Home | None:
    """Answer with the home in which something runs."""
    return next((home for home in find_homes(command) if list_processes(home)), None)


def find_ready(home: Home, ports: Ports, processes: list[Process]) -> set[str]:
    """Name the processes that are healthy; a heartbeat from before a process's start tells nothing of now."""
    started = {process.name: process.started for process in processes if process.is_alive}
    ready = {"messenger"}  # which answers nobody: that it runs is all there is to see
    try:
        health = json.loads(_read(f"http://127.0.0.1:{ports.airflow}/api/v2/monitor/health"))
        if health["metadatabase"]["status"] == "healthy":
            ready.add("airflow-apiserver")
        for name, part in BEATS.items():
            beat = health.get(part, {}).get(f"latest_{part}_heartbeat") or "1970-01-01T00:00:00+00:00"
            is_new = datetime.fromisoformat(beat).timestamp() >= started.get(name, 0)
            if is_new and health[part]["status"] == "healthy":
                ready.add(name)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # it is another program, or has not come far
    if _read(f"http://127.0.0.1:{ports.mlflow}/health"):
        ready.add("mlflow")
    if home.demo and _read(f"http://127.0.0.1:{ports.exchange}/v1/market/all"):
        ready.add("exchange")
    return ready & started.keys()


def start_missing(home: Home) -> None:
    """Start every process that does not run, also one that pauses after a crash."""
    for process in list_processes(home):
        if process.state == "backoff":
            stop_one(home, process.name)
    call(home, "startAllProcesses", False)


def stop_one(home: Home, name: str) -> None:
    with suppress(xmlrpc.client.Fault):  # it does not run
        call(home, "stopProcess", name)


def stop_all(home: Home) -> list[str]:
    """End the supervisor, which stops one after the other, those last that others talk to; answers with what ran."""
    processes, session = list_processes(home), _read_session(home)
    if not processes:
        end_leftovers(home)
        return []
    note("Running tasks have 60 s to finish.")
    call(home, "shutdown")
    end = time.monotonic() + 300
    while home.supervisor("sock").exists() and time.monotonic() < end:
        time.sleep(0.1)
    if session:
        kill_all(session)
    return [process.name for process in processes if process.is_alive]


def end_leftovers(home: Home) -> None:
    """End what a supervisor has left that was killed; where its number was given again, it left nothing."""
    if session := _read_session(home):
        try:
            os.kill(session, 0)
        except ProcessLookupError:
            kill_all(session)
            home.supervisor("pid").unlink(missing_ok=True)


def read_end(home: Home, name: str) -> str:
    """Say how a process ended the last time, from the supervisor's own log."""
    text = home.log("supervisord").read_text(encoding="utf-8", errors="replace")
    ends = re.findall(rf"exited: {re.escape(name)} \((?:exit (status \d+)|terminated by (\w+))", text)
    return "".join(ends[-1]) if ends else "no word"


def _read(address: str) -> bytes:
    """Read what a server answers with 200; nothing where it does not."""
    try:
        with OPENER.open(address, timeout=5) as answer:
            return bytes(answer.read())
    except (OSError, ValueError):
        return b""


def _read_session(home: Home) -> int:
    """Read the number of the supervisor, which is that of the session of all that it started."""
    try:
        return int(home.supervisor("pid").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
