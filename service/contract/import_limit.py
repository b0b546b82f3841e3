"""A time limit on importing a project's code: a file that never finishes stops its own project, and no worker."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SECONDS = 60
AGAIN = 0.5  # code that catches everything is interrupted until it leaves
ADVICE = "a file may only define things when it is imported, so move what works or waits into its functions"


class ImportTooLongError(BaseException):
    """A file is still being imported; no `except Exception` in it may keep this to itself."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"has not finished importing after {seconds:g} s: {ADVICE}")


@contextmanager
def limit_import(seconds: float | None = None) -> Iterator[None]:
    """Raise ImportTooLongError inside, once the time is over; where no signal can be had, there is no limit."""
    if threading.current_thread() is not threading.main_thread() or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return
    allowed = SECONDS if seconds is None else seconds

    def interrupt(_signum: int, _frame: FrameType | None) -> NoReturn:
        raise ImportTooLongError(allowed)

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, allowed, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
