"""How a process of ours ends early: by SIGTERM, because the task that started it is gone, or by `os._exit`."""

import contextlib
import os
import signal
import sys
import threading
from typing import NoReturn

LIFELINE = "QUARTET_LIFELINE"  # the descriptor of a pipe that the task behind this process holds open
SECONDS_TO_END = 3.0

_terminated = threading.Event()
_lifelines: list[int] = []


class Terminated(KeyboardInterrupt):
    """The process was asked to stop (SIGTERM), as a scheduler does on a time-out."""


def listen_for_end() -> None:
    """Raise Terminated at a SIGTERM, and send one to ourselves when the task that started us is gone."""
    _terminated.clear()
    signal.signal(signal.SIGTERM, _terminate)
    descriptor = os.environ.pop(LIFELINE, "")
    if descriptor.isdigit():
        os.set_inheritable(int(descriptor), False)
        _lifelines[:] = [int(descriptor)]
        threading.Thread(target=_watch_lifeline, args=(int(descriptor),), name="lifeline", daemon=True).start()


def hand_over_lifeline() -> None:
    """Leave the pipe to the program that this process is about to become."""
    for descriptor in _lifelines:
        os.set_inheritable(descriptor, True)
        os.environ[LIFELINE] = str(descriptor)


def refuse_silent_end() -> None:
    """Make an `os._exit` in this process a failure: it would end a command as if all were done, without a result.

    A forked child ends as it likes.
    """
    leave, process = os._exit, os.getpid()

    def end(status: int) -> NoReturn:
        if os.getpid() != process:
            leave(status)
        sentence = f"os._exit({status}) would end the command without its result: return or raise instead"
        if threading.current_thread() is threading.main_thread():
            raise SystemExit(sentence)
        sys.stderr.write(f"{sentence}\n")
        leave(status or 1)

    os._exit = end


def was_terminated() -> bool:
    """Say whether a SIGTERM came, also where a library has made a plain KeyboardInterrupt of it."""
    return _terminated.is_set()


def _terminate(_signum: int, _frame: object) -> NoReturn:
    _terminated.set()
    raise Terminated


def _watch_lifeline(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.read(descriptor, 1)  # nothing is ever written: this returns when the other end is closed
    # The system's own timer, for no thread runs while Python shuts down; later than ours, which ends the children too.
    signal.setitimer(signal.ITIMER_REAL, SECONDS_TO_END + 1)
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(SECONDS_TO_END)
    # The main thread is deaf in some library's code; processes that it started are of its group, where it leads one.
    end = os.killpg if os.getpgrp() == os.getpid() else os.kill
    end(os.getpid(), signal.SIGKILL)
