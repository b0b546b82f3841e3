"""The ticker of a demo: moment after moment it starts a data run, and waits for the end of the chain behind it."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from crypto_forecast.exchange.ticker.airflow import Airflow, AirflowAwayError
from crypto_forecast.exchange.ticker.demo_clock import DemoClock
from db_handler.errors import DatabaseError
from service.contract.moment import write_at

PROJECT = "crypto_forecast"
CHAIN = ("data", "inference", "monitoring")  # each sets the next one going, with the same partition key
CLOSE = timedelta(hours=4)
AFTER_CLOSE = timedelta(minutes=5)  # as Airflow's schedule: data runs five minutes after a candle has closed

Result = TypeVar("Result")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long the ticker waits, in seconds; time in which Airflow is away does not count."""

    poll: float = 1.0
    start: float = 120.0  # a workflow that has not begun so long after the one before it won't
    chain: float = 900.0
    pause: float = 30.0  # the longest between two tries to reach Airflow


class Ticker:
    """Plays moments one after the other; no failure of Airflow ends it."""

    def __init__(self, airflow: Airflow, clock: DemoClock, patience: Patience | None = None) -> None:
        self.airflow, self.clock, self.patience = airflow, clock, patience or Patience()
        self._left = 0.0

    def play_all(self, moments: Iterable[datetime]) -> None:
        for at in moments:
            started = time.monotonic()
            states = self.play(at)
            log.info("%s: %s (%.0f s)", write_at(at), ", ".join(states), time.monotonic() - started)

    def play(self, at: datetime) -> list[str]:
        """Start the data run of a moment and follow its chain; answer with the state of each workflow."""
        key, self._left = f"{at:%Y-%m-%dT%H:%M:%SZ}", self.patience.chain
        self._insist(partial(self.clock.move_to, at))
        self._insist(partial(self.airflow.start_run, name_dag("data"), f"demo__{key}", key))
        states = []
        for kind in CHAIN:
            state = self._await_run(kind, key)
            states.append(f"{kind} {state}")
            if state != "success":
                break  # the next one won't begin
        return states + self._await_trainings()

    def _await_run(self, kind: str, key: str) -> str:
        """Wait for the end of a workflow's run: its state, or why it has none."""
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
        """Wait a little; answer whether time is left."""
        self._left -= self.patience.poll
        if self._left >= 0:
            time.sleep(self.patience.poll)
        return self._left >= 0

    def _say_late(self) -> str:
        return f"did not end within {self.patience.chain / 60:.0f} minutes"

    def _insist(self, work: Callable[[], Result]) -> Result:
        """Repeat the work until it succeeds, with growing pauses; each failure is logged once."""
        logged: set[str] = set()
        pause = self.patience.poll
        while True:
            try:
                result = work()
            except (AirflowAwayError, DatabaseError) as error:
                if str(error) not in logged:
                    log.warning("%s; trying again until it does.", str(error).rstrip("."))
                    logged.add(str(error))
                time.sleep(pause)
                pause = min(2 * pause, self.patience.pause)
            else:
                return result


def name_dag(kind: str) -> str:
    return f"{PROJECT}_{kind}"


def list_moments(live: datetime, until: datetime) -> Iterator[datetime]:
    """Every close of a candle from `live` on, and five minutes, as the schedule of data has it."""
    at = live + AFTER_CLOSE
    while at <= until:
        yield at
        at += CLOSE
