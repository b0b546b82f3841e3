"""Whatever MLflow raises, as one sentence that says where and hides the password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from db_handler.errors import AwayError, QuartetError


class TrackingError(QuartetError):
    """MLflow refuses, or is damaged."""


class TrackingAwayError(TrackingError, AwayError):
    """MLflow can't be reached, is in trouble or too busy just now."""


class EvidenceDamagedError(TrackingError):
    """A frame beside a run is gone, or is not what was kept."""


# MLflow and its libraries tell what passes by itself in their texts only: their classes and codes are the same for all.
AWAY = re.compile(
    r"Max retries exceeded|too many (429|5\d\d) error|error code (429|5\d\d)\b|\b(429|5\d\d) (Server|Client) Error"
    r"|timed out|timeout exception|Connection ?(aborted|refused|reset|broken|Error)|RemoteDisconnected|IncompleteRead"
    r"|database is locked"
)
STAYS = re.compile(r"certificate verify failed|Tunnel connection failed: 4")
AWAY_CODES = ("DEADLINE_EXCEEDED", "REQUEST_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED")
CAUSES = {
    "Connection refused": "connection refused",
    "Failed to resolve": "unknown host",
    "timed out": "no answer in time",
    "Connection aborted": "connection cut off",
    "certificate verify failed": "its certificate is not trusted",
    "too many 429": "it asks for fewer requests",
    "too many 5": "it keeps answering with errors",
}


@contextmanager
def explain_mlflow(place: str) -> Iterator[None]:
    """Raise a TrackingError instead of MLflow's own errors and of those of its files."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        kind = _choose_kind(error, error.error_code)
        trouble, said = _name_trouble(error.error_code, kind), _name_cause(str(error)) or first_line(error)
        raise kind(f"MLflow at {place} {trouble} ({said})") from error
    except OSError as error:
        kind = _choose_kind(error)
        trouble = "can't be reached or is in trouble" if kind is TrackingAwayError else "could not keep or read a file"
        raise kind(f"MLflow at {place} {trouble} ({_name_cause(str(error)) or first_line(error)})") from error


def _choose_kind(error: BaseException, code: str = "") -> type[TrackingError]:
    said = f"{type(error).__name__} {error}"
    passes = code in AWAY_CODES or (AWAY.search(said) and not STAYS.search(said))
    return TrackingAwayError if passes else TrackingError


def _name_trouble(code: str, kind: type[TrackingError]) -> str:
    if code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
        return "refused access; check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    if kind is TrackingAwayError or code in ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE"):
        return "can't be reached or is in trouble; check that it runs and run again"
    return "refused what was asked"


def _name_cause(said: str) -> str | None:
    """Name in a few words why nothing answers; the libraries' own text is longer than a screen."""
    return next((words for sign, words in CAUSES.items() if "Max retries" in said and sign in said), None)


def first_line(error: BaseException) -> str:
    """Cut an error to one line without a password and without the name of its class."""
    said = next(iter(str(error).splitlines()), type(error).__name__)
    return mask(re.sub(r"^\(\w+(\.\w+)+\) ", "", said))[:300]


def mask(text: str) -> str:
    """Hide user and password of an address."""
    return re.sub(r"//[^/@\s]*@", "//***@", text)
