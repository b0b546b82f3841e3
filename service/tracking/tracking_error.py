"""Whatever MLflow raises, as one sentence that says where and hides the password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from db_handler.errors import QuartetError


class TrackingError(QuartetError):
    """MLflow can't be reached, refuses, or is damaged."""


@contextmanager
def explain_mlflow(place: str) -> Iterator[None]:
    """Raise a TrackingError instead of MLflow's own errors and of those of its files."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        trouble, said = _name_trouble(error.error_code), _name_cause(str(error)) or first_line(error)
        raise TrackingError(f"MLflow at {place} {trouble} ({said})") from error
    except OSError as error:
        raise TrackingError(f"MLflow at {place} could not keep or read a file ({first_line(error)})") from error


def _name_trouble(code: str) -> str:
    if code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
        return "refused access; check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    if code in ("INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE"):
        return "can't be reached or is in trouble; check that it runs and run again"
    return "refused what was asked"


def _name_cause(said: str) -> str | None:
    """Name in a few words why nothing answers; the libraries' own text is longer than a screen."""
    causes = {
        "Connection refused": "connection refused",
        "Failed to resolve": "unknown host",
        "timed out": "no answer in time",
        "certificate verify failed": "its certificate is not trusted",
        "too many 5": "it keeps answering with errors",
    }
    return next((words for sign, words in causes.items() if "Max retries" in said and sign in said), None)


def first_line(error: BaseException) -> str:
    """Cut an error to one line without a password and without the name of its class."""
    said = next(iter(str(error).splitlines()), type(error).__name__)
    return mask(re.sub(r"^\(\w+(\.\w+)+\) ", "", said))[:300]


def mask(text: str) -> str:
    """Hide user and password of an address."""
    return re.sub(r"//[^/@\s]*@", "//***@", text)
