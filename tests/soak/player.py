"""Plays moments as a scheduler does: each command is tried again by its status; faults strike on the way."""

import contextlib
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from service.contract.kinds import KINDS
from tests.messenger.slack_stand_in import SlackStandIn
from tests.soak.faults import Fault, Trouble
from tests.soak.workers import Workers

CHAIN = ("data", "inference", "monitoring")
DONE, FAILED, AWAY = 0, 1, 75
PASSING = (AWAY, -signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM)
TRIES, TRIES_OF_A_BUG = 6, 2  # as dags/ has them
HELD = {  # which database is kept from the command, and for how many seconds at most
    "locked": ("quartet.db", 1.0),
    "mlflow_locked": ("mlflow.db", 1.0),
    "busy": ("quartet.db", 20.0),
}
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGTERM}
IMPATIENT = "0.3"  # seconds that a command with the fault busy waits for the database
USUAL = {"data": 130, "inference": 205, "monitoring": 270, "train": 900, "evaluate": 150, "promote": 200}


class SoakError(AssertionError):
    """Something did not end as it should."""


class Player:
    """A world's moments, played; `acts` learns how many acts each command has."""

    def __init__(self, workers: Workers, slack: SlackStandIn, home: Path) -> None:
        self.workers, self.slack, self.home = workers, slack, home
        self.acts: dict[str, int] = {}
        self.struck: list[str] = []

    def play(self, at: datetime, trouble: Trouble, kinds: Sequence[str] = CHAIN) -> None:
        """Take a moment through its workflows."""
        self.slack.faults[:] = trouble.refusals
        commands = [words for kind in kinds for words in self._split(kind, trouble)]
        place = int(trouble.command * len(commands))
        for number, words in enumerate(commands):
            faults: Sequence[Fault] = trouble.faults if number == place else ()
            if not faults and words == ["monitoring"]:  # its acts beyond the usual ones are those of a training
                faults = [replace(fault, where=1 + 3 * fault.where) for fault in trouble.training[0]]
            answer = self.run(words, at, "clock", faults)
            if words[0] == "announce":
                self._train(at, answer, trouble)

    def _split(self, kind: str, trouble: Trouble) -> list[list[str]]:
        if not trouble.by_steps or kind == "train":
            return [[kind]]
        steps = [[kind, "--step", step] for step in KINDS[kind]]
        return [*steps, ["announce"]] if kind == "monitoring" else steps

    def _train(self, at: datetime, announced: dict[str, Any], trouble: Trouble) -> None:
        """Run the trainings that monitoring called for, step by step."""
        for result in announced["results"].values():
            if cause := result.get("calls_for_training"):
                for step, faults in zip(KINDS["train"], trouble.training, strict=True):
                    self.run(["train", "--step", step], at, cause, faults)

    def run(self, words: list[str], at: datetime, cause: str, faults: Sequence[Fault] = ()) -> dict[str, Any]:
        """Run one command until it is done, or has failed as often as a scheduler tries."""
        arguments = [*words, "--at", f"{at:%Y-%m-%dT%H:%MZ}", *([] if words[0] == "announce" else ["--cause", cause])]
        waiting = list(faults)
        for attempt in range(1, TRIES + 1 + len(faults)):
            fault = waiting.pop(0) if waiting else None
            status = self._try(arguments, fault)
            if status == DONE:
                return dict(json.loads(self.workers.out.splitlines()[-1]))
            may_pass = status in PASSING or (status == FAILED and attempt < TRIES_OF_A_BUG)
            if not may_pass or (status in PASSING and fault is None and attempt >= TRIES):
                break
        raise SoakError(f"{' '.join(arguments)} ended with {status}:\n{self.workers.log[-3000:]}")

    def _try(self, arguments: list[str], fault: Fault | None) -> int:
        name = arguments[2] if arguments[1] == "--step" else arguments[0]
        if fault is None:
            status = self.workers.run(arguments)
            if status == DONE and (acts := self.workers.count_acts()):
                self.acts[name] = acts
            return status
        place = 1 + int(fault.where * self.acts.get(name, USUAL.get(name, 100)))
        environment = {}
        if fault.what == "busy":
            environment["QUARTET_DATABASE_URL"] = f"sqlite:///{self.home / 'quartet.db'}?timeout={IMPATIENT}"
        with ExitStack() as until_ended:

            def hit(process: int) -> None:
                self.struck.append(f"{' '.join(arguments)}: {fault} (act {place})")
                strike(self.workers, self.home, fault, until_ended, process)

            return self.workers.run(arguments, places=[place], strike=hit, **environment)


def strike(workers: Workers, home: Path, fault: Fault, until_ended: ExitStack, process: int) -> None:
    """Do to a process that has stopped what the fault says, and let it go on."""
    if fault.what == "restart":
        workers.restart(process)
    elif fault.what in HELD:
        file, seconds = HELD[fault.what]
        until_ended.enter_context(hold(home / file, seconds, process))
    elif fault.what in SIGNALS:
        if fault.after:
            os.kill(process, signal.SIGCONT)
            time.sleep(fault.after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, SIGNALS[fault.what])
            os.kill(process, signal.SIGCONT)
    else:  # what is away elsewhere
        os.kill(process, signal.SIGCONT)


@contextmanager
def hold(file: Path, seconds: float, process: int) -> Iterator[None]:
    """Keep the writers of a database waiting for so many seconds, or until the end of a command."""
    over, held = threading.Event(), threading.Event()

    def keep() -> None:
        with contextlib.closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            over.wait(seconds)
            connection.execute("ROLLBACK")

    keeper = threading.Thread(target=keep)
    keeper.start()
    held.wait(0.05)  # where the command itself is writing, it is let go on first
    os.kill(process, signal.SIGCONT)
    yield
    over.set()
    keeper.join()
