"""A small fake of Airflow's API, as far as the ticker asks: tokens, and runs that move on when they are looked at."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

NEXT = {"data": "inference", "inference": "monitoring"}
ALLOWED = {"dag_run_id", "data_interval_start", "data_interval_end", "logical_date", "run_after", "conf", "note"}


@dataclass
class FakeRun:
    """A run as the API shows it, and the states that are still to come."""

    dag: str
    run_id: str
    partition_key: str | None
    coming: list[str]
    state: str = "queued"

    def show(self) -> dict[str, Any]:
        return {
            "dag_run_id": self.run_id,
            "dag_id": self.dag,
            "logical_date": None,
            "state": self.state,
            "partition_key": self.partition_key,
        }


@dataclass
class FakeAirflow:
    """Use it as a context manager; its fields say what goes wrong."""

    port: int = 0
    password: str = "secret"
    down: int = 0  # so many requests are answered with 503 at first
    token_uses: int = 1_000_000  # a token is good for so many requests
    failing: set[tuple[str, str]] = field(default_factory=set)  # kind and key
    never_ending: set[tuple[str, str]] = field(default_factory=set)
    not_starting: set[tuple[str, str]] = field(default_factory=set)
    training_after: set[str] = field(default_factory=set)  # keys whose monitoring starts a training
    runs: list[FakeRun] = field(default_factory=list)
    asked: list[tuple[str, str, int]] = field(default_factory=list)  # method, path, status
    tokens: int = 0

    def __enter__(self) -> Self:
        self.lock, self.uses = threading.Lock(), 0
        handler = type("Handler", (_Handler,), {"airflow": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def started(self, kind: str) -> list[str]:
        """The keys of a workflow's runs, in the order in which they began."""
        return [str(run.partition_key) for run in self.runs if run.dag == f"crypto_forecast_{kind}"]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, bearer: str) -> tuple[int, Any]:
        if self.down > 0:
            self.down -= 1
            return 503, None
        if path == "/auth/token":
            return self.give_token(body)
        self.uses += 1
        if bearer != f"Bearer token-{self.tokens}" or self.uses > self.token_uses:
            return 401, {"detail": "Invalid JWT token"}
        _, _, _, _, dag, _ = path.split("/")
        if dag.removeprefix("crypto_forecast_") not in ("data", "train", "inference", "monitoring"):
            return 404, {"detail": f"Dag with dag_id: '{dag}' not found"}
        return self.start(dag, body) if method == "POST" else self.show(dag, query)

    def give_token(self, body: Any) -> tuple[int, Any]:
        if body != {"username": "ticker", "password": self.password}:
            return 401, {"detail": "Invalid credentials"}
        self.tokens, self.uses = self.tokens + 1, 0
        return 201, {"access_token": f"token-{self.tokens}"}

    def start(self, dag: str, body: Any) -> tuple[int, Any]:
        if body.keys() - ALLOWED - {"partition_key"} or "logical_date" not in body:
            return 422, {"detail": "extra or missing fields"}
        if any((run.dag, run.run_id) == (dag, body["dag_run_id"]) for run in self.runs):
            return 409, {"detail": "DagRun already exists"}
        return 200, self.add(dag, body["dag_run_id"], body["partition_key"]).show()

    def add(self, dag: str, run_id: str, key: str | None) -> FakeRun:
        happens = (dag.removeprefix("crypto_forecast_"), key or "")
        end = "failed" if happens in self.failing else "success"
        self.runs.append(FakeRun(dag, run_id, key, ["running"] + [end] * (happens not in self.never_ending)))
        return self.runs[-1]

    def show(self, dag: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        states, pattern = query.get("state", []), query.get("partition_key_pattern", [""])[0].lower()
        found = [
            run.show()
            for run in self.runs
            if run.dag == dag and (not states or run.state in states) and pattern in (run.partition_key or "").lower()
        ]
        self.move_on()
        return 200, {"dag_runs": found[: int(query["limit"][0])], "total_entries": len(found)}

    def move_on(self) -> None:
        for run in list(self.runs):
            if run.coming:
                run.state = run.coming.pop(0)
                if run.state == "success":
                    self.go_on(run)

    def go_on(self, run: FakeRun) -> None:
        kind, key = run.dag.removeprefix("crypto_forecast_"), run.partition_key
        following = NEXT.get(kind)
        if following and key and (following, key) not in self.not_starting:
            self.add(f"crypto_forecast_{following}", f"asset_triggered__{len(self.runs)}", key)
        if kind == "monitoring" and key in self.training_after:
            self.add("crypto_forecast_train", f"decision-{key}", None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    airflow: FakeAirflow

    def do_GET(self) -> None:
        self.reply("GET")

    def do_POST(self) -> None:
        self.reply("POST")

    def reply(self, method: str) -> None:
        parts = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
        with self.airflow.lock:
            status, found = self.airflow.answer(
                method, parts.path, parse_qs(parts.query), body, self.headers.get("Authorization", "")
            )
            self.airflow.asked.append((method, parts.path, status))
        text = json.dumps(found).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        """Quiet."""
