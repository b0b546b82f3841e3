"""One connection to the exchange: opened before its turn, with time-outs, a deadline and a largest size.

It is urllib3's own: a session of requests opens its connections within a request, which would be within a turn, and
can't break one off at a deadline or from another thread.
"""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from crypto_forecast.exchange.client.errors import FlawError
from crypto_forecast.exchange.client.settings import ExchangeSettings

# Two hundred candles are 80 kB.
LARGEST_BODY = 2_000_000
# Never an Origin: with one the exchange allows a tenth of the requests.
HEADERS = {"User-Agent": "quartet", "Accept": "application/json"}


@dataclass(frozen=True)
class RawAnswer:
    """An answer, unread."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Used by one thread at a time; `cut` may come from another."""

    def __init__(self, settings: ExchangeSettings) -> None:
        parts = urlsplit(settings.url)
        self.settings, self._base = settings, parts.path.rstrip("/")
        host, timeout = parts.hostname or "", settings.connect_seconds
        self._connection: HTTPConnection = (
            HTTPSConnection(host, parts.port, timeout=timeout, ssl_context=ssl.create_default_context())
            if parts.scheme == "https"
            else HTTPConnection(host, parts.port, timeout=timeout)
        )
        self._socket: socket.socket | None = None

    def warm(self) -> None:
        """Open the connection ahead: a handshake within a turn would shift its place in the limit's window."""
        if self._connection.is_connected:
            return
        self._connection.close()
        self._connection.timeout = self.settings.connect_seconds
        try:
            self._connection.connect()
        except (OSError, HTTPError) as error:
            self._connection.close()
            raise FlawError(f"can't be reached ({name_failure(error)})") from None
        self._socket = self._connection.sock

    def get(self, path: str, fields: Mapping[str, str]) -> RawAnswer:
        """Send one request; any failure is a flaw, and the connection is closed."""
        watch = threading.Timer(self.settings.total_seconds, self.cut)
        watch.daemon = True
        watch.start()
        try:
            return self._get(f"{self._base}/{path}?{urlencode(fields)}")
        except (OSError, HTTPError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            late = not watch.is_alive()
            raise FlawError("took too long to answer" if late else f"broke off ({name_failure(error)})") from None
        except FlawError:
            self._connection.close()
            raise
        finally:
            watch.cancel()

    def _get(self, path: str) -> RawAnswer:
        self._connection.timeout = self.settings.read_seconds
        self._connection.request("GET", path, headers=HEADERS, preload_content=False)
        response = self._connection.getresponse()
        if int(response.headers.get("Content-Length") or 0) > LARGEST_BODY:
            raise FlawError(f"sent a body of more than {LARGEST_BODY // 1_000_000} MB")
        body = response.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise FlawError(f"sent a body of more than {LARGEST_BODY // 1_000_000} MB")
        if response.headers.get("Connection", "").lower() == "close":
            self._connection.close()
        return RawAnswer(response.status, response.headers, body)

    def cut(self) -> None:
        """Break off a request that is under way."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        self._connection.close()


def name_failure(error: Exception) -> str:
    """Name a failure in two words; the errors' own texts hold addresses of objects."""
    if isinstance(error, NameResolutionError):
        return "unknown host"
    if isinstance(error, NewConnectionError | ConnectionRefusedError):
        return "connection refused"
    timed_out = isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError)
    return "time-out" if timed_out else type(error).__name__
