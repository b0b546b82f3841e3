"""MLflow's server with a door of its own: an account that may change nothing reaches only what reads.

MLflow's permissions guard what exists; making experiments, models, versions, secrets and jobs is open to every account.
"""

import re
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from cachetools import TTLCache, cached
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from werkzeug.datastructures import Authorization

API = r"/(?:ajax-)?api"
LOOKS = ("GET", "HEAD", "OPTIONS")
# Of what is asked for by GET, the gateway to other servers, jobs, and the addresses that are told of events.
NOT_LOOKED_AT = re.compile(rf"/gateway/.*|{API}/[23]\.0/(?:jobs|mlflow/(?:gateway|webhooks|assistant|prompt-optim)).*")
# Searches that are asked for by POST. GraphQL has no field that changes anything, in its mutations either.
SEARCHES = re.compile(
    rf"/graphql|{API}/2\.0/?mlflow/(?:experiments/search(?:-datasets)?|runs/search|logged-models/search"
    rf"|registered-models/get-latest-versions)"
    rf"|{API}/3\.0/mlflow/(?:datasets/search|traces/(?:search|batchGetInfos|metrics|calculate-filter-correlation))"
)
REMEMBERED_SECONDS = 60
REFUSED = "This account only reads."


def is_reading(method: str, path: str) -> bool:
    """Say whether a request only reads.

    >>> is_reading("GET", "/api/2.0/mlflow/runs/get"), is_reading("POST", "/api/2.0/mlflow/runs/search")
    (True, True)
    >>> is_reading("POST", "/api/2.0/mlflow/experiments/create"), is_reading("PUT", "/api/2.0/mlflow-artifacts/a")
    (False, False)
    """
    if method in LOOKS:
        return not NOT_LOOKED_AT.fullmatch(path)
    return method == "POST" and bool(SEARCHES.fullmatch(path))


class ReadersOnlyRead:
    """Refuses what does not only read, unless it names an account that may write; MLflow then asks for its password."""

    def __init__(self, app: ASGIApp, may_write: Callable[[str], bool]) -> None:
        self._app, self._may_write = app, may_write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = await self._judge(scope) if scope["type"] == "http" else None
        if status is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(REFUSED, status)(scope, receive, send)

    async def _judge(self, scope: Scope) -> HTTPStatus | None:
        """Answer with the status of a refusal. Who names no account at all is refused by MLflow itself."""
        if is_reading(scope["method"], scope["path"]):
            return None
        headers = Headers(scope=scope)
        given = headers.getlist("authorization")
        if "x-mlflow-authorization" in headers:  # the gateway's own way to name an account
            return HTTPStatus.FORBIDDEN
        if not given:
            return None
        login = Authorization.from_header(given[0]) if len(given) == 1 else None
        if login is None or not login.username:
            return HTTPStatus.UNAUTHORIZED
        if await anyio.to_thread.run_sync(self._may_write, login.username):
            return None
        return HTTPStatus.FORBIDDEN


def create_app() -> ReadersOnlyRead:
    """Make MLflow's server with its accounts, behind this door."""
    from mlflow.server import auth

    return ReadersOnlyRead(auth.create_app(), may_write)


@cached(TTLCache(maxsize=1000, ttl=REMEMBERED_SECONDS), lock=threading.Lock())
def may_write(name: str) -> bool:
    """Say whether an account may change anything: MLflow's administrator, or one with a role that may."""
    from mlflow.server import auth
    from mlflow.server.auth.permissions import get_permission

    if not auth.store.has_user(name):
        return False
    user: Any = auth.store.get_user(name)
    permissions = [grant.permission for role in auth.store.list_user_roles(user.id) for grant in role.permissions]
    return user.is_admin or any(get_permission(name).can_update for name in permissions)
