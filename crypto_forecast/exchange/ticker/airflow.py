"""The two calls of Airflow's API that the demo needs: start a run, and list runs with their states."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from requests import RequestException, Session

from crypto_forecast.exchange.client.connection import name_failure
from db_handler.errors import QuartetError, UsageError
from db_handler.settings import is_address

MOST_RUNS = 100
TIMEOUTS = (5.0, 30.0)  # to connect, and to read


class AirflowAwayError(QuartetError):
    """Airflow does not answer as it should just now; it may later."""


@dataclass(frozen=True)
class DagRun:
    """One run of a workflow."""

    run_id: str
    partition_key: str | None
    state: str

    @property
    def has_ended(self) -> bool:
        return self.state in ("success", "failed")


class Airflow:
    """Airflow at one address; a token is fetched at the first call, and again when it has expired."""

    def __init__(self, url: str, user: str, password: str) -> None:
        if not is_address(url):
            raise UsageError("--airflow is no address; write it like http://127.0.0.1:8080.")
        self.url, self.user, self._password = url.rstrip("/"), user, password
        self._token: str | None = None
        self._session = Session()
        self._session.trust_env = False  # Airflow is near: no proxy leads there, and a .netrc would replace the token
        self._session.headers["Accept"] = "application/json"

    def start_run(self, dag: str, run_id: str, partition_key: str) -> None:
        """Start a run; one of that id may exist already."""
        body = {"logical_date": None, "partition_key": partition_key, "dag_run_id": run_id}
        self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", good=(200, 201, 409), json=body)

    def list_runs(self, dag: str, *, partition_key: str | None = None, states: Sequence[str] = ()) -> list[DagRun]:
        """List runs with this key or in these states, the oldest first."""
        fields = [("limit", str(MOST_RUNS)), ("order_by", "id"), *(("state", state) for state in states)]
        if partition_key is not None:
            fields.append(("partition_key_pattern", partition_key))
        body = self._ask("GET", f"/api/v2/dags/{dag}/dagRuns", good=(200,), params=fields)
        try:
            runs = [DagRun(run["dag_run_id"], run["partition_key"], run["state"]) for run in body["dag_runs"]]
        except (KeyError, TypeError):
            raise AirflowAwayError(f"Airflow at {self.url} sent no list of runs") from None
        # The pattern finds keys that only hold this one, too.
        return [run for run in runs if partition_key in (None, run.partition_key)]

    def _ask(self, method: str, path: str, *, good: Sequence[int], **content: Any) -> Any:
        status, body = self._send(method, path, self._read_token(), **content)
        if status == 401:
            self._token = None
            status, body = self._send(method, path, self._read_token(), **content)
        if status in good:
            return body
        raise AirflowAwayError(f"Airflow at {self.url} answers {status} to {method} {path}{_quote(body)}")

    def _read_token(self) -> str:
        if self._token is None:
            login = {"username": self.user, "password": self._password}
            status, body = self._send("POST", "/auth/token", None, json=login)
            if status in (401, 403):
                raise AirflowAwayError(f"Airflow at {self.url} refuses user {self.user} and its password")
            if status not in (200, 201) or not isinstance(body, dict) or "access_token" not in body:
                raise AirflowAwayError(f"Airflow at {self.url} gives no token: it answers {status}{_quote(body)}")
            self._token = str(body["access_token"])
        return self._token

    def _send(self, method: str, path: str, token: str | None, **content: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self._session.request(
                method, f"{self.url}{path}", headers=headers, timeout=TIMEOUTS, allow_redirects=False, **content
            )
        except RequestException as error:
            raise AirflowAwayError(f"Airflow at {self.url} can't be reached ({_name_cause(error)})") from None
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, None


def read_password(path: Path) -> str:
    """Read a file that holds nothing but a password."""
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"The file {path} with Airflow's password can't be read ({cause}).") from None
    if not password:
        raise UsageError(f"The file {path} should hold Airflow's password and is empty.")
    return password


def _name_cause(error: RequestException) -> str:
    """Name the failure of the connection, which requests wraps."""
    cause = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    return name_failure(cause if isinstance(cause, Exception) else error)


def _quote(body: Any) -> str:
    detail = body.get("detail") if isinstance(body, dict) else None
    return f" ({str(detail)[:200]})" if detail else ""
