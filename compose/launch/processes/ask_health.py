"""What the embedded servers say of themselves over HTTP."""

import json
import urllib.request
from datetime import datetime

from compose.launch.processes.homes import Home
from compose.launch.processes.platform import Ports
from compose.launch.processes.supervise import Process

# Not through a proxy: it is this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
BEATS = {f"airflow-{part.replace('_', '-')}": part for part in ("scheduler", "dag_processor", "triggerer")}


def find_ready(home: Home, ports: Ports, processes: list[Process]) -> set[str]:
    """Name the processes that are healthy; a heartbeat from before a process's start tells nothing of now."""
    started = {process.name: process.started for process in processes if process.is_alive}
    ready = {"messenger"}  # which answers nobody: that it runs is all there is to see
    try:
        health = json.loads(read(f"http://127.0.0.1:{ports.airflow}/api/v2/monitor/health"))
        if health["metadatabase"]["status"] == "healthy":
            ready.add("airflow-apiserver")
        for name, part in BEATS.items():
            beat = health.get(part, {}).get(f"latest_{part}_heartbeat") or "1970-01-01T00:00:00+00:00"
            is_new = datetime.fromisoformat(beat).timestamp() >= started.get(name, 0)
            if is_new and health[part]["status"] == "healthy":
                ready.add(name)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # it is another program, or has not come far
    if read(f"http://127.0.0.1:{ports.mlflow}/health"):
        ready.add("mlflow")
    if home.demo and read(f"http://127.0.0.1:{ports.exchange}/v1/market/all"):
        ready.add("exchange")
    return ready & started.keys()


def read(address: str) -> bytes:
    """Read what a server answers with 200; nothing where it does not."""
    try:
        with OPENER.open(address, timeout=5) as answer:
            return bytes(answer.read())
    except (OSError, ValueError):
        return b""
