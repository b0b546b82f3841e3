"""MLflow's door: who may change nothing reaches only what reads, however the account is named in the request."""

import asyncio
import base64
from typing import Any

import pytest

from compose.mlflow.reading import ReadersOnlyRead, is_reading

API, AJAX = "/api/2.0/mlflow", "/ajax-api/3.0/mlflow"


def login(text: str) -> tuple[bytes, bytes]:
    return b"authorization", b"Basic " + base64.b64encode(text.encode())


def ask(method: str, path: str, *headers: tuple[bytes, bytes]) -> int:
    """Ask a server behind the door, which itself answers 200 to everything."""
    statuses: list[int] = []

    async def server(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})

    async def note(message: Any) -> None:
        statuses.append(message.get("status", 0))

    door = ReadersOnlyRead(server, lambda name: name == "trainer")
    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(door(scope, None, note))  # type: ignore[arg-type]  # nobody reads the body
    return statuses[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{API}/runs/get"),
        ("GET", "/ajax-api/2.0/mlflow-artifacts/artifacts/1/a"),
        ("GET", "/static-files/main.js"),
        ("POST", f"{API}/runs/search"),
        ("POST", "/ajax-api/2.0/mlflow/experiments/search"),
        ("POST", f"{AJAX}/traces/search"),
        ("POST", "/graphql"),
    ],
)
def test_what_reads_is_open_to_all_accounts(method: str, path: str) -> None:
    assert is_reading(method, path)
    assert ask(method, path, login("reader:x")) == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{API}/experiments/create"),
        ("POST", f"{API}/registered-models/create"),
        ("POST", f"{API}/runs/search/more"),
        ("POST", f"{API}//runs/search"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/1/a"),
        ("POST", f"{AJAX}/gateway/secrets/create"),
        ("GET", f"{AJAX}/gateway/secrets/list"),
        ("GET", "/ajax-api/2.0/mlflow/gateway-proxy"),
        ("PATCH", f"{API}/users/update-password"),
        ("POST", "/v1/traces"),
        ("TRACE", f"{API}/runs/get"),
    ],
)
def test_what_changes_is_open_to_writers_alone(method: str, path: str) -> None:
    assert ask(method, path, login("trainer:x")) == 200
    assert ask(method, path, login("reader:x")) == 403
    assert ask(method, path) == 200  # MLflow's own answer to nobody is 401


@pytest.mark.parametrize(
    "headers",
    [
        (login("trainer:x"), login("reader:x")),
        (login("trainer:x"), (b"x-mlflow-authorization", b"Basic cmVhZGVyOng=")),
        ((b"authorization", b"Bearer trainer"),),
        ((b"authorization", b"Basic trainer"),),
        ((b"authorization", b""),),
    ],
)
def test_a_request_that_names_its_account_in_another_way_is_refused(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    assert ask("POST", "/gateway/openai/v1/embeddings", *headers) in (401, 403)
