"""The ticker of a demo: moment after moment it starts a data run, and waits for the end of the chain behind it."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from crypto_forecast.exchange.airflow_client import Airflow, AirflowAwayError
from crypto_forecast.exchange.house_clock import HouseClock
from db_handler.errors import DatabaseError
from service.contract.moment import write_at

PROJECT = "crypto_forecast"
CHAIN = ("data", "inference", "monitoring")  # each sets the next one going, with the same partition key
CLOSE = timedelta(hours=4)
AFTER_CLOSE = timedelta(minutes=5)

Found = TypeVar("Found")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """For how long it waits, in seconds; what Airflow is away for does not count."""

    poll: float = 1.0
    start: float = 120.0  # a workflow that has not begun so long after the one before it won't
    chain: float = 900.0
    pause: float = 30.0  # the longest between two tries to reach Airflow


class Ticker:
    """Plays moments one after the other; nothing that Airflow does or fails to do ends it."""

    def __init__(self, airflow: Airflow, clock: HouseClock, patience: Patience | None = None) -> None:
        self.airflow, self.clock, self.patience = airflow, clock, patience or Patience()
        self._left = 0.0

    def play_all(self, moments: Iterable[datetime]) -> None:
        for at in moments:
            started = time.monotonic()
            told = self.play(at)
            log.info("%s: %s (%.0f s)", write_at(at), ", ".join(told), time.monotonic() - started)

    def play(self, at: datetime) -> list[str]:
        """Start the data run of a moment and follow its chain; answer with what became of each workflow."""
        key, self._left = f"{at:%Y-%m-%dT%H:%M:%SZ}", self.patience.chain
        self._insist(partial(self.clock.move_to, at))
        self._insist(partial(self.airflow.start_run, name_dag("data"), f"demo__{key}", key))
        told = []
        for kind in CHAIN:
            state = self._await_run(kind, key)
            told.append(f"{kind} {state}")
            if state != "success":
                break  # the next one won't begin
        return told + self._await_trainings()

    def _await_run(self, kind: str, key: str) -> str:
        """Wait for the end of a workflow's run: its state, or what became of it instead."""
        unseen = 0.0
        while True:
            runs = self._insist(partial(self.airflow.list_runs, name_dag(kind), partition_key=key))
            if runs and all(run.has_ended for run in runs):
                return runs[-1].state
            unseen = 0.0 if runs else unseen + self.patience.poll
            if unseen > self.patience.start:
                return "did not start"
            if not self._rest():
                return self._say_late()

    def _await_trainings(self) -> list[str]:
        seen = False
        while self._insist(partial(self.airflow.list_runs, name_dag("train"), states=("queued", "running"))):
            seen = True
            if not self._rest():
                return [f"train {self._say_late()}"]
        return ["train ended"] if seen else []

    def _rest(self) -> bool:
        """Wait a little; answer whether there is time left for that."""
        self._left -= self.patience.poll
        if self._left >= 0:
            time.sleep(self.patience.poll)
        return self._left >= 0

    def _say_late(self) -> str:
        return f"did not end within {self.patience.chain / 60:.0f} minutes"

    def _insist(self, work: Callable[[], Found]) -> Found:
        """Do it until it works, with growing pauses; each trouble is told once."""
        told: set[str] = set()
        pause = self.patience.poll
        while True:
            try:
                found = work()
            except (AirflowAwayError, DatabaseError) as error:
                if str(error) not in told:
                    log.warning("%s; trying again until it does.", str(error).rstrip("."))
                    told.add(str(error))
                time.sleep(pause)
                pause = min(2 * pause, self.patience.pause)
            else:
                return found


def name_dag(kind: str) -> str:
    return f"{PROJECT}_{kind}"


def list_moments(live: datetime, until: datetime) -> Iterator[datetime]:
    """Every close of a candle from `live` on, and five minutes, as the schedule of data has it."""
    at = live + AFTER_CLOSE
    while at <= until:
        yield at
        at += CLOSE
