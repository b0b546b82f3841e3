"""Airflow's API as these tests ask it: runs, tasks and logs, as its administrator."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import urllib3

CHAIN = ("crypto_forecast_data", "crypto_forecast_inference", "crypto_forecast_monitoring")
TRAIN = "crypto_forecast_train"
ENDED = ("success", "failed")


class AirflowApi:
    """One Airflow; a question that finds it away is asked again, since it may be restarting."""

    def __init__(self, url: str, password: str) -> None:
        self.url, self.password = url, password
        self._token = ""
        self._pool = urllib3.PoolManager(timeout=30.0, retries=False)

    def ask(self, method: str, path: str, body: Any = None, *, good: tuple[int, ...] = (200, 201)) -> Any:
        deadline = time.monotonic() + 120
        while True:
            try:
                return self._ask_once(method, path, body, good)
            except (urllib3.exceptions.HTTPError, OSError, ConnectionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(2)

    def start(self, dag: str, key: str | None = None, conf: dict[str, Any] | None = None, run_id: str = "") -> str:
        """Start a run; answer with its id."""
        body = {"logical_date": None, "partition_key": key, "conf": conf or {}}
        if run_id:
            body["dag_run_id"] = run_id
        return str(
            self.ask("POST", f"/api/v2/dags/{dag}/dagRuns", body, good=(200, 201, 409)).get("dag_run_id", run_id)
        )

    def list_runs(self, dag: str, key: str | None = None) -> list[dict[str, Any]]:
        def look() -> dict[str, Any] | None:
            found = self.ask("GET", f"/api/v2/dags/{dag}/dagRuns?limit=100&order_by=id", good=(200, 404))
            return found if "dag_runs" in found else None

        # Its file is read within seconds of the first start.
        runs = wait_until(look, f"Airflow knows {dag}", 60)["dag_runs"]
        return [run for run in runs if key in (None, run["partition_key"])]

    def list_called(self, dag: str) -> list[dict[str, Any]]:
        """All runs but the clock's: what ticks while a test has the schedules of real life fails in a virtual world."""
        return [run for run in self.list_runs(dag) if run["run_type"] != "scheduled"]

    def list_tasks(self, dag: str, run_id: str) -> list[dict[str, Any]]:
        found = self.ask("GET", f"/api/v2/dags/{dag}/dagRuns/{quote(run_id, safe='')}/taskInstances?limit=200")
        return list(found["task_instances"])

    def read_log(self, dag: str, run_id: str, task: str, *, attempt: int = 1, index: int = -1) -> str:
        path = f"/api/v2/dags/{dag}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task}/logs/{attempt}"
        found = self.ask("GET", f"{path}?map_index={index}&full_content=true")
        return json.dumps(found, ensure_ascii=False)

    def wait_for_run(self, dag: str, run_id: str, seconds: float = 600) -> str:
        """Wait for the end of a run: its state."""

        def look() -> str:
            state = self.ask("GET", f"/api/v2/dags/{dag}/dagRuns/{quote(run_id, safe='')}")["state"]
            return str(state) if state in ENDED else ""

        return str(wait_until(look, f"{dag} {run_id} ends", seconds))

    def wait_for_chain(self, key: str, seconds: float = 900) -> None:
        """Wait until data, inference and monitoring of a moment have succeeded, and the trainings that they called."""
        deadline = time.monotonic() + seconds
        for dag in CHAIN:
            self.wait_for_kind(dag, key, deadline - time.monotonic())
        wait_until(
            lambda: all(run["state"] in ENDED for run in self.list_runs(TRAIN)),
            "trainings end",
            max(60, deadline - time.monotonic()),
        )

    def wait_for_kind(self, dag: str, key: str, seconds: float = 600) -> dict[str, Any]:
        found = wait_until(
            lambda: [run for run in self.list_runs(dag, key) if run["state"] in ENDED], f"{dag} {key} ends", seconds
        )
        run: dict[str, Any] = found[-1]
        assert run["state"] == "success", self.explain(dag, run["dag_run_id"])
        return run

    def wait_for_step(
        self, dag: str, *, key: str | None = None, run_id: str | None = None, seconds: float = 300
    ) -> tuple[str, dict[str, Any]]:
        """Wait until a step of a run is at work: the run's id, and the step."""

        def look() -> tuple[str, dict[str, Any]] | None:
            for run in self.list_runs(dag, key):
                if run_id in (None, run["dag_run_id"]):
                    for task in self.list_tasks(dag, run["dag_run_id"]):
                        if task["state"] == "running" and task["task_id"].startswith("steps."):
                            return run["dag_run_id"], task
                    assert run["state"] not in ENDED, f"{dag} {key or run_id} ended before a step was seen at work"
            return None

        found: tuple[str, dict[str, Any]] = wait_until(look, f"{dag} has a step at work", seconds, pause=0.3)
        return found

    def explain(self, dag: str, run_id: str) -> str:
        """What failed in a run, and the last words of its log."""
        lines = [f"{dag} {run_id}"]
        for task in self.list_tasks(dag, run_id):
            if task["state"] not in ("success", "skipped"):
                index, attempt = task["map_index"], max(task["try_number"], 1)
                log = self.read_log(dag, run_id, task["task_id"], attempt=attempt, index=index)
                lines.append(f"{task['task_id']}[{index}] {task['state']} (try {attempt}): ...{log[-1500:]}")
        return "\n".join(lines)

    def _ask_once(self, method: str, path: str, body: Any, good: tuple[int, ...]) -> Any:
        for _ in range(2):
            self._token = self._token or self._log_in()
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
            answer = self._pool.request(method, f"{self.url}{path}", json=body, headers=headers)
            if answer.status != 401:
                break
            self._token = ""
        if answer.status >= 500:
            raise ConnectionError(f"{answer.status} to {method} {path}")
        assert answer.status in good, f"{answer.status} to {method} {path}: {answer.data[:500]!r}"
        return answer.json()

    def _log_in(self) -> str:
        answer = self._pool.request(
            "POST", f"{self.url}/auth/token", json={"username": "admin", "password": self.password}
        )
        if answer.status != 201:
            raise ConnectionError(f"no token: {answer.status}")
        return str(answer.json()["access_token"])


def wait_until(look: Callable[[], Any], what: str, seconds: float, *, pause: float = 1.5) -> Any:
    """Look until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(pause)
    return found
