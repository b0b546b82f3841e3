"""What the embedded servers say of themselves over HTTP."""

import json
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any

# Not through a proxy: it is this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
BEATS = {
    "airflow-scheduler": ("scheduler", "latest_scheduler_heartbeat"),
    "airflow-dag-processor": ("dag_processor", "latest_dag_processor_heartbeat"),
    "airflow-triggerer": ("triggerer", "latest_triggerer_heartbeat"),
}


def ask_airflow(port: int, started: Mapping[str, float]) -> set[str]:
    """Name the parts of Airflow that are healthy; a heartbeat from before a part's start tells nothing of now."""
    told = _read_json(f"http://127.0.0.1:{port}/api/v2/monitor/health")
    healthy = {"airflow-apiserver"} if _status(told, "metadatabase") == "healthy" else set()
    for name, (part, beat) in BEATS.items():
        if _status(told, part) == "healthy" and _is_after(told[part].get(beat), started.get(name, 0)):
            healthy.add(name)
    return healthy


def answers(address: str) -> bool:
    """Say whether a server answers with 200."""
    try:
        with OPENER.open(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _read_json(address: str) -> dict[str, Any]:
    try:
        with OPENER.open(address, timeout=5) as answer:
            told = json.load(answer)
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _status(told: dict[str, Any], part: str) -> str:
    found = told.get(part)
    return str(found.get("status")) if isinstance(found, dict) else ""


def _is_after(beat: Any, start: float) -> bool:
    try:
        return datetime.fromisoformat(beat).timestamp() >= start
    except (TypeError, ValueError):
        return False
