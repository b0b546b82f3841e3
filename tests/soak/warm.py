"""A warm server of programs: `warm.py PROJECT` forks a process for each line of JSON that it reads.

A command's own start costs seconds, nearly all of them imports. The parent has imported everything and opened nothing,
so a fork of it is what `python -m PROJECT.run` is after its imports; it goes through the same door, `main`.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOMS = ("service", "db_handler", "messenger")
LEFT_OUT = ("service.skeleton", "db_handler.migrations", "messenger.__main__", "db_handler.__main__")
FURTHER = "catboost mlflow.pyfunc mlflow.store.tracking.sqlalchemy_store mlflow.store.model_registry.sqlalchemy_store"
LEAVE = os._exit  # as it is before a command puts another in its place
COUNTED = frozenset("os.rename os.remove os.mkdir os.rmdir socket.connect".split())


class Countdown:
    """Stops this process at some of its acts: a statement, a commit, a file written or moved, a connection made."""

    def __init__(self, places: list[int], report: Path) -> None:
        self.places, self.report = frozenset(places), report
        self.process, self.acts = os.getpid(), 0

    def begin(self) -> None:
        from sqlalchemy import Engine, event

        for name in ("begin", "commit", "before_cursor_execute"):
            event.listen(Engine, name, self.count)
        sys.addaudithook(self.hear)
        atexit.register(lambda: self.report.write_text(str(self.acts)))

    def hear(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in COUNTED or (name == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
            self.count()

    def count(self, *_: object) -> None:
        if os.getpid() != self.process:
            return
        self.acts += 1
        if self.acts in self.places:
            os.kill(self.process, signal.SIGSTOP)  # whoever waits for us now does what it wants to us


def serve(project: str) -> None:
    import_everything(project)
    say(ready=os.getpid())
    for line in sys.stdin:
        command = json.loads(line)
        process = os.fork()
        if process == 0:
            become(project, command)
        say(process=process)
        if command["program"] != "send":
            wait_for(process)


def wait_for(process: int) -> None:
    while True:
        _, status = os.waitpid(process, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            say(status=os.waitstatus_to_exitcode(status))
            return
        say(stopped=process)


def become(project: str, command: dict[str, Any]) -> None:
    """Be the program in a fork, from its standard output to the end of the interpreter."""
    from messenger.__main__ import send_until_stopped
    from service.cli.run_command import main
    from tests.soak.play_on import play_on

    parent = os.getppid()
    os.setsid()
    os.environ.update(command["environment"])
    folder = Path(command["folder"])
    for name, number in (("nothing", 0), ("out", 1), ("log", 2)):
        os.dup2(os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), number)
    if command["program"] == "send":
        threading.Thread(target=end_after, args=(parent,), daemon=True).start()
        shorten_pauses()
        send_until_stopped()
        sys.exit(0)
    Countdown(command["places"], folder / "acts").begin()
    end(
        lambda: (
            play_on(project, command["arguments"])
            if command["program"] == "play"
            else main(project, command["arguments"])
        )
    )


def end(program: Callable[[], int]) -> None:
    """Run a program and end as Python would, but for the taking apart of a copied parent, which takes half a second."""
    try:
        status = program()
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    threading._shutdown()  # type: ignore[attr-defined]  # the interpreter's own first two steps
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    LEAVE(status)


def shorten_pauses() -> None:
    """Let the outbox pause for a second where it would for half a minute or longer: the days here last two seconds."""
    from messenger import send, slack

    send.FIRST_PAUSE = send.LONGEST_PAUSE = slack.REFUSED_PAUSE = 1.0


def end_after(parent: int) -> None:
    """Have the sender end where its world is gone without a word, as when somebody stops the tests."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def import_everything(project: str) -> None:
    for room in (*ROOMS, project):
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not module.name.startswith(LEFT_OUT):
                importlib.import_module(module.name)
    for name in FURTHER.split():
        importlib.import_module(name)
    assert threading.active_count() == 1, threading.enumerate()  # a thread would be missing in a fork
    gc.freeze()  # else the collector of each fork touches, and so copies, everything


def say(**words: int) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
