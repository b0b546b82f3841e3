"""What the embedded servers say of themselves over HTTP."""

import json
import urllib.request
from collections.abc import Mapping
from datetime import datetime

# Not through a proxy: it is this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
BEATS = {
    "airflow-scheduler": ("scheduler", "latest_scheduler_heartbeat"),
    "airflow-dag-processor": ("dag_processor", "latest_dag_processor_heartbeat"),
    "airflow-triggerer": ("triggerer", "latest_triggerer_heartbeat"),
}


def ask_airflow(port: int, started: Mapping[str, float]) -> set[str]:
    """Name the parts of Airflow that are healthy; a heartbeat from before a part's start tells nothing of now."""
    healthy = set()
    try:
        health = json.loads(read(f"http://127.0.0.1:{port}/api/v2/monitor/health"))
        if health["metadatabase"]["status"] == "healthy":
            healthy.add("airflow-apiserver")
        for name, (part, beat) in BEATS.items():
            is_well = health.get(part, {}).get("status") == "healthy"
            if is_well and datetime.fromisoformat(health[part][beat]).timestamp() >= started.get(name, 0):
                healthy.add(name)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # it is another program, or has not come far
    return healthy


def read(address: str) -> bytes:
    """Read what a server answers with 200; nothing where it does not."""
    try:
        with OPENER.open(address, timeout=5) as answer:
            return bytes(answer.read())
    except (OSError, ValueError):
        return b""
