"""Collecting in processes of its own: killed, stopped, side by side, and in other time zones."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from crypto_forecast.exchange.server.standin import Behaviour, Standin
from db_handler.clock import VirtualClock, WallClock
from db_handler.ledger.ledger_tables import WATERMARK
from db_handler.open_database import open_database
from db_handler.rows.single_rows import list_rows
from db_handler.settings import HouseSettings
from tests.crypto_forecast.exchange.collecting import AT, CYCLE, START, World, samples, specs
from tests.exact_rows import read_exact_rows

LONG_AGO = datetime(2023, 11, 1, tzinfo=UTC)
LATER = datetime(2024, 6, 1, 0, 5, tzinfo=UTC)


@pytest.fixture
def exchange() -> Iterator[Standin]:
    with Standin(samples(), VirtualClock(LATER), Behaviour(limit=1000)) as standin:
        yield standin


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = World(tmp_path_factory.mktemp("calm"), monkeypatch, at=LATER)
        world.collect(specs=specs(LONG_AGO))
        yield world
        world.database.close()


def start_process(
    home: Path, exchange: Standin, config: str = "btc", start: datetime = START, at: datetime = AT, **environment: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", collect_once, str(home), config, start.isoformat(), at.isoformat()],
        env={**os.environ, "QUARTET_UPBIT_URL": exchange.url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


collect_once = "tests.crypto_forecast.exchange.collect_once"


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def read_home(home: Path) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    with open_database(HouseSettings(home=home)) as database, database.begin(writing=False) as connection:
        rows = read_exact_rows(connection, specs()["btc"].data.raw)
        marks = list_rows(connection, WATERMARK)
    return rows.drop(columns="fetched_at").astype(str), marks


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_stopped_in_the_middle_and_then_again_gives_the_rows_of_an_undisturbed_run(
    tmp_path: Path, exchange: Standin, calm: World, blow: signal.Signals
) -> None:
    exchange.latency = 0.1
    exchange.clock = WallStanding(LATER)
    process = start_process(tmp_path / "struck", exchange, start=LONG_AGO, at=LATER, QUARTET_UPBIT_PAGES="2")
    wait_for(lambda: len(exchange.served) >= 4 or process.poll() is not None)
    exchange.latency = 10  # so that it can't end before the blow
    process.send_signal(blow)
    _, said = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "Timeout" not in said, said
    rows, marks = read_home(tmp_path / "struck")
    assert 0 <= len(rows) < 1277
    for mark in marks:
        assert len(rows) >= (mark["value"] - LONG_AGO) / CYCLE - 1  # type: ignore[operator]
    exchange.latency = 0
    finish(start_process(tmp_path / "struck", exchange, start=LONG_AGO, at=LATER))
    assert read_home(tmp_path / "struck")[0].equals(calm.rows())


def test_tables_are_the_same_in_all_time_zones(tmp_path: Path, exchange: Standin, calm: World) -> None:
    """From before one clock change of New York to after the other."""
    zones = ("UTC", "Asia/Seoul", "America/New_York")
    homes = [tmp_path / zone.replace("/", "-") for zone in zones]
    given = {"start": LONG_AGO, "at": LATER}
    processes = [start_process(home, exchange, **given, TZ=zone) for home, zone in zip(homes, zones, strict=True)]
    for process in processes:
        finish(process)
    first, *others = [read_home(home)[0] for home in homes]
    assert first.equals(calm.rows())
    assert all(first.equals(other) for other in others)


def test_one_limit_holds_over_processes(tmp_path: Path) -> None:
    open_database(HouseSettings(home=tmp_path)).close()
    with Standin(samples(), WallStanding(LATER)) as exchange:
        processes = [start_process(tmp_path, exchange, name, LONG_AGO, LATER) for name in ("btc", "eth", "ada")]
        for process in processes:
            finish(process)
    assert {status for _, _, status in exchange.served} == {200}
    times = [moment.timestamp() for moment, _, _ in exchange.served]
    assert len(times) == 21
    # A tenth of a second for the unevenness of a busy machine.
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[10:], strict=False))


class WallStanding(WallClock):
    """Runs like the wall clock, from a moment in the past."""

    def __init__(self, start: datetime) -> None:
        self.shift = start - super().now()

    def now(self) -> datetime:
        return super().now() + self.shift


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
