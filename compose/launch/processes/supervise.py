"""The processes of a home, as its supervisor has them: supervisord, which starts them again and rotates their logs."""

import configparser
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
from compose.launch.processes.home import PYTHON, Home, Ports, fill_template, find_homes
from compose.launch.processes.session import kill_all, read_parents
from compose.launch.settings.secrets import write_file
from compose.launch.terminal import note

START_SECONDS = 10
# Not through a proxy: it is this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ASKED = {
    "airflow-apiserver": ("airflow", "/api/v2/monitor/health"),
    "mlflow": ("mlflow", "/health"),
    "exchange": ("exchange", "/v1/market/all"),
}
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


def write_config(home: Home, ports: Ports) -> list[str]:
    """Write what the supervisor is told; answers with its command line."""
    python = f"{PYTHON} -S -m compose.launch.processes.session {PYTHON}"
    every = fill_template("every_process.conf", start_seconds=START_SECONDS)
    names = ["supervisord.conf", *(["exchange.conf"] if home.demo else [])]
    text = "".join(fill_template(name, python=python, every=every, **ports) for name in names)
    write_file(home.supervisor("conf"), text, mode=0o600)
    mask = os.umask(0o022)
    os.umask(mask)
    return [PYTHON, "-m", "supervisor.supervisord", "-c", str(home.supervisor("conf")), "-m", f"{mask:03o}"]


def read_ports(home: Home) -> Ports:
    """Read on which ports the platform was started."""
    config = configparser.RawConfigParser()
    config.read(home.supervisor("conf"), encoding="utf-8")
    return {name: int(port) for name, port in config["quartet"].items()}


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


def find_ready(ports: Ports, processes: list[Process]) -> set[str]:
    """Name the processes that are healthy; a heartbeat from before a process's start tells nothing of now."""
    started = {process.name: process.started for process in processes if process.is_alive}
    answers = {
        name: _read(f"http://127.0.0.1:{ports[key]}{path}") for name, (key, path) in ASKED.items() if name in started
    }
    ready = {"messenger", *(name for name in answers if answers[name])}  # of the messenger nothing can be asked
    with suppress(ValueError, KeyError, TypeError):  # it is another program, or has not come far
        health = json.loads(answers["airflow-apiserver"])
        for name, part in BEATS.items():
            beat = datetime.fromisoformat(health[part][f"latest_{part}_heartbeat"] or "1970-01-01T00:00Z")
            if beat.timestamp() >= started.get(name, 0):
                ready.add(name)
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
    processes = list_processes(home)
    if not processes:
        end_leftovers(home)
        return []
    note("Running tasks have 60 s to finish.")
    session = call(home, "getPID")
    call(home, "shutdown")
    end = time.monotonic() + 300
    while home.supervisor("sock").exists() and time.monotonic() < end:
        time.sleep(0.1)
    kill_all(session, home.path)
    return [process.name for process in processes if process.is_alive]


def end_leftovers(home: Home) -> None:
    """End what a supervisor that was killed has left; where its number is in use again, there is nothing left."""
    with suppress(OSError, ValueError):  # there was none
        session = int(home.supervisor("pid").read_text(encoding="utf-8"))
        if session not in read_parents(session):
            kill_all(session, home.path)


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
    except (OSError, ValueError, http.client.HTTPException):
        return b""
