"""An exchange that is a server of its own in a virtual world: real seconds for its limit, virtual time for the rest."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crypto_forecast.core.load import load
from crypto_forecast.exchange.client.errors import BlockedError
from crypto_forecast.exchange.server.faults import FAULTS
from crypto_forecast.exchange.server.standin import Standin
from crypto_forecast.exchange.world import open_exchange
from db_handler.clock import VirtualClock, WallClock
from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows
from tests.crypto_forecast.exchange.collecting import samples, specs

LATER = datetime(2024, 6, 1, 0, 5, tzinfo=UTC)
LONG_AGO = datetime(2023, 11, 1, tzinfo=UTC)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    with Standin(samples(), VirtualClock(LATER), pacing=WallClock()) as exchange:
        monkeypatch.setenv("QUARTET_UPBIT_URL", exchange.url)
        yield exchange


def collect(database: Database, clock: VirtualClock, config: str) -> dict[str, Any]:
    given = specs(LONG_AGO)
    platform = SimpleNamespace(clock=clock, specs=given)
    run = SimpleNamespace(database=database, platform=platform, at=LATER)
    return load(given[config], run)  # type: ignore[arg-type]


def test_many_pages_meet_no_limit_and_all_is_in_virtual_time(database: Database, served: Standin) -> None:
    began = time.monotonic()
    for config in ("btc", "eth", "ada"):
        clock = VirtualClock(LATER)  # each as in a process of its own
        assert collect(database, clock, config)["rows"] == 1277
        assert clock.now() == LATER
    assert time.monotonic() - began > 1.5
    assert [status for _, _, status in served.served] == [200] * 21
    with database.begin(writing=False) as connection:
        rows = read_rows(connection, specs()["btc"].data.raw)
    assert set(rows["fetched_at"]) == {LATER}
    assert max(rows["slot"]) == LATER.replace(minute=0) - timedelta(hours=4)


@pytest.mark.parametrize("body", ["Blocked for 60 seconds.", "blocked until 2024-06-01T00:06:00Z"])
def test_a_block_lasts_for_real_seconds_and_its_sentence_says_until_when(
    database: Database, served: Standin, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    def block(reply: Any) -> None:
        reply.status, reply.text = 418, body

    monkeypatch.setitem(FAULTS, "banned", (27, "", block))
    served.switches.left["banned"] = 1
    for _ in range(2):
        with open_exchange(database, VirtualClock(LATER)) as exchange, pytest.raises(BlockedError) as blocked:
            exchange.fetch("KRW-BTC", 240, LATER, 1)
        assert (blocked.value.until - datetime.now(UTC)).total_seconds() == pytest.approx(60, abs=5)
        assert f"until {blocked.value.until:%Y-%m-%d %H:%M:%S} UTC (418)" in str(blocked.value)
    assert len(served.served) == 1


def test_the_gate_counts_real_seconds_while_its_clock_stands(database: Database, served: Standin) -> None:
    outcomes = [served.request_limit.enter("candles", served.count_seconds())[0] for _ in range(11)]
    assert outcomes == [None] * 10 + [(429, "Too many API requests.")]
    time.sleep(1.1)
    assert served.request_limit.enter("candles", served.count_seconds())[0] is None
    assert served.now() == LATER


def test_a_stand_in_of_ones_own_counts_virtual_seconds(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(LATER)
    monkeypatch.delenv("QUARTET_UPBIT_URL", raising=False)
    with Standin(samples(), clock) as exchange:
        monkeypatch.setattr("crypto_forecast.exchange.world._find_standin", lambda _: exchange)
        with open_exchange(database, clock) as opened:
            for _ in range(30):
                opened.fetch("KRW-BTC", 240, LATER, 1)
    assert clock.now() - LATER > timedelta(seconds=2)
