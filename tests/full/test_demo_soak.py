"""Three hundred moments of the demo's world with faults at random leave what as many undisturbed ones leave.

A seed that fails is printed with its faults; repeat it, or try another, with
SOAK_SEED=123 .venv/bin/python -m pytest -o addopts=-v tests/full/test_demo_soak.py
"""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import pytest

from crypto_forecast.demo import Story
from crypto_forecast.exchange.server.candle_book import find_end, read_books
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from crypto_forecast.exchange.ticker.demo_clock import begin_demo_time
from crypto_forecast.utils.utils import load_spec_from_config
from db_handler.clock import WallClock
from db_handler.open_database import open_database
from tests.messenger.slack_stand_in import SlackStandIn
from tests.service.conftest import made_mlflow
from tests.soak.faults import REFUSALS, draw_fault
from tests.soak.leftovers import assert_same, find_leftovers, settings_of, wait_for_messages
from tests.soak.player import AWAY, DONE, PASSING, SoakError, strike
from tests.soak.workers import FOREIGN, Workers, make_environment

__all__ = ["made_mlflow"]

SEED = int(os.environ.get("SOAK_SEED", "17"))
PROJECT, CONFIGS = "crypto_forecast", ("ada", "btc", "eth")
STORY = Story(days=50)  # of six moments each
MOMENTS = [f"{at:%Y-%m-%dT%H:%M}Z" for at in STORY.moments()]
ACTS = 700  # of a usual moment
APART = 6  # moments from one fault to the next, on average
CALM = 12  # moments at the end without any
EXCHANGE = ("too-many", "banned-silent", "http-500", "http-503", "reset", "html", "truncated")
TRIES = 6


@dataclass
class World:
    """A home of the demo's world, its exchange, its Slack and its processes."""

    home: Path
    exchange: Standin
    slack: SlackStandIn
    workers: Workers
    struck: list[str] = field(default_factory=list)

    def play(self, draws: random.Random | None = None) -> None:
        """Play all moments; where draws are given, the process is struck now and then, and another one goes on."""
        moments, tries = [f"{MOMENTS[0]}=first", *MOMENTS[1:]], 0
        while moments:
            status = self._try(moments, draws if len(moments) > CALM else None)
            played = self.workers.out.split()
            tries = 0 if played else tries + 1
            if status not in (DONE, *PASSING) or tries > TRIES:
                raise SoakError(f"{moments[0]} ended with {status}:\n{self.workers.log[-3000:]}")
            if status == AWAY:
                time.sleep(2**tries)
            moments = moments[len(played) :]
        wait_for_messages(self.home)

    def _try(self, moments: list[str], draws: random.Random | None) -> int:
        """Play on until a fault ends the process, or to the moments that are left in peace."""
        if draws is None:
            return self.workers.run(moments, program="play")
        places = accumulate(1 + int(draws.expovariate(1 / (APART * ACTS))) for _ in MOMENTS)
        with ExitStack() as until_ended:

            def hit(process: int) -> None:
                until_ended.close()
                fault = draw_fault(draws, *EXCHANGE)
                self.struck.append(f"from {moments[0]}: {fault}")
                self.slack.faults[:] = draws.choices(REFUSALS, k=draws.choice((0, 0, 2)))
                if fault.what in EXCHANGE:
                    most = 2 if fault.what == "banned-silent" else 12  # each silent block is twice as long
                    self.exchange.switches.left[fault.what] = draws.randint(1, most)
                strike(self.workers, self.home, fault, until_ended, process)

            return self.workers.run(moments[:-CALM], program="play", places=list(places), strike=hit)


@contextmanager
def open_world(folder: Path, begun: tuple[Path, Path]) -> Iterator[World]:
    """A home on a virtual clock with an exchange that lives by it."""
    home, books = folder / "home", read_books()
    home.mkdir(parents=True)
    for name, file in zip(("quartet.db", "mlflow.db"), begun, strict=True):
        (home / name).write_bytes(file.read_bytes())
    assert STORY.change is not None
    change = Behaviour(change=(STORY.change, STORY.factor))
    with open_database(settings_of(home)) as database, SlackStandIn() as slack:
        clock = begin_demo_time(database, next(STORY.moments()), end=find_end(books))
        with Standin(books, clock, change, pacing=WallClock()) as exchange:
            environment = make_environment(home, slack.api_url)
            environment |= {"QUARTET_UPBIT_URL": exchange.url, "QUARTET_UPBIT_BLOCK_SECONDS": "1"}
            workers = Workers(PROJECT, folder, environment)
            try:
                yield World(home, exchange, slack, workers)
            finally:
                workers.close()


def test_faults_leave_what_an_undisturbed_run_leaves(
    tmp_path: Path, migrated: Path, made_mlflow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    begun = (migrated, made_mlflow)
    with (
        open_world(tmp_path / "calm", begun) as calm,
        open_world(tmp_path / "faulty", begun) as faulty,
        ThreadPoolExecutor(1) as beside,
    ):
        undisturbed = beside.submit(calm.play)
        try:
            faulty.play(random.Random(SEED))
        finally:
            print(f"SOAK_SEED={SEED}", *faulty.struck, sep="\n")
        undisturbed.result()
        assert list(find_leftovers(faulty.home)) == []
        left = assert_same(faulty.home, calm.home, [load_spec_from_config(config) for config in CONFIGS])
        assert sorted(faulty.slack.texts) == sorted(calm.slack.texts)
        promoted = [row for row in left.decisions if row[2:4] == ("promotion", "promoted")]
        assert len(promoted) == 2 * len(CONFIGS)
        assert len(faulty.struck) > len(MOMENTS) / APART / 2
