"""After every fault of the exchange, a run without it ends in the table of an undisturbed one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crypto_forecast.exchange.client.errors import BlockedError, DirtyAnswerError, ExchangeError
from crypto_forecast.exchange.server.faults import FAULTS
from crypto_forecast.loader.gaps import MOST_ASKS
from db_handler.errors import QuartetError
from db_handler.ledger.ledger_tables import GAP, QUARANTINE, REVISION
from tests.crypto_forecast.exchange.collecting import AT, CYCLE, START, World, samples, with_candle

# Faults of whole answers, of which three in a row are too many.
ANSWERS = tuple(
    "http-500 http-503 html empty-body error-200 hang drip reset truncated wrong-type list-of-text huge".split()
)
SINGLE_ROWS = "negative zero nan infinite text overflow missing-field high-below-low future unaligned".split()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTET_UPBIT_READ_SECONDS", "0.2")
    monkeypatch.setenv("QUARTET_UPBIT_TOTAL_SECONDS", "0.4")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(tmp_path / "home", monkeypatch)
    yield world
    world.database.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = World(tmp_path_factory.mktemp("home"), monkeypatch)
        world.collect()
        yield world
        world.database.close()


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("fault", FAULTS)
def test_clean_run_after_any_fault_ends_in_the_undisturbed_table(
    world: World, undisturbed: World, fault: str, times: int | None
) -> None:
    said: list[str] = []
    try:
        world.collect(faults={fault: times})
    except QuartetError as error:
        said.append(str(error))
    assert all("KRW-BTC" in sentence or "418" in sentence for sentence in said)
    if fault.startswith("banned"):
        world.clock.sleep(120)
    world.collect(at=AT)
    assert world.rows().equals(undisturbed.rows())
    assert not [status for _, _, status in world.served if status != 200]


@pytest.mark.parametrize("fault", ANSWERS)
def test_two_flawed_answers_are_borne_and_a_third_fails_the_market(world: World, fault: str) -> None:
    assert world.collect(faults={fault: 2})["rows"] == 227
    with pytest.raises(ExchangeError, match=r"^KRW-ETH: 127\.0\.0\.1:\d+ .*3 times"):
        world.collect("eth", faults={fault: 3})


def test_after_429_the_whole_group_waits(world: World) -> None:
    world.collect(faults={"too-many": 2})
    times = [moment.timestamp() for moment, _, _ in world.served]
    assert [status for _, _, status in world.served][:3] == [429, 429, 200]
    assert times[1] - times[0] >= 1
    assert times[2] - times[1] >= 2


def test_endless_429_fails_the_market_before_it_becomes_a_block(world: World) -> None:
    with pytest.raises(ExchangeError, match="429"):
        world.collect(faults={"too-many": None})
    assert len(world.served) == 5


@pytest.mark.parametrize(("fault", "pauses"), [("banned", [60, 60]), ("banned-silent", [60, 120])])
def test_a_block_is_kept_and_nothing_is_asked_before_it_ends(world: World, fault: str, pauses: list[int]) -> None:
    for pause in pauses:
        with pytest.raises(BlockedError) as blocked:
            world.collect(faults={fault: 1})
        assert len(world.served) == 1
        left = (blocked.value.until - world.clock.now()).total_seconds()
        assert left == pytest.approx(pause, abs=0.1)
        with pytest.raises(BlockedError):
            world.collect("eth")
        assert world.served == []
        world.clock.sleep(pause + 1)
    world.collect()
    with pytest.raises(BlockedError) as blocked:
        world.collect("eth", faults={fault: 1})
    assert (blocked.value.until - world.clock.now()).total_seconds() == pytest.approx(60, abs=0.1)


@pytest.mark.parametrize("fault", SINGLE_ROWS)
def test_a_bad_row_is_quarantined_with_its_reason_until_a_good_one_comes(world: World, fault: str) -> None:
    world.collect(faults={fault: 1})
    (row,) = world.listed(QUARANTINE)
    assert row["reason"]
    assert row["row"]["market"] == "KRW-BTC"
    assert row["asked"] == 1
    placed = fault not in ("future", "unaligned")
    assert (row["resolved_at"] is not None) == placed
    assert world.listed(GAP, closed_at=None, reason=["quarantined", "unknown"]) == []


def test_a_row_that_stays_bad_is_asked_for_a_bounded_number_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = START + 10 * CYCLE
    world = World(tmp_path / "home", monkeypatch, with_candle(samples(), bad, low=-1.0))
    requests = []
    for _ in range(MOST_ASKS + 3):
        assert world.collect()["gaps"]["quarantined"] == 1
        requests.append(len(world.served))
        world.clock.sleep(CYCLE.total_seconds())
    assert requests == [3, *[2] * (MOST_ASKS - 1), 1, 1, 1]
    (gap,) = world.listed(GAP, reason="quarantined")
    assert (gap["slot"], gap["asked"]) == (bad, MOST_ASKS)


def test_too_many_bad_rows_fail_the_run_and_keep_the_evidence(world: World) -> None:
    with pytest.raises(DirtyAnswerError, match=r"KRW-BTC: 100 of 200 rows"):
        world.collect(faults={"mostly-bad": None})
    assert len(world.rows()) == 0
    assert len(world.listed(QUARANTINE)) == 100


def test_a_revised_candle_is_updated_and_logged_but_never_by_an_older_version(world: World) -> None:
    world.collect(faults={"older-version": None})
    before = world.rows()
    assert world.collect()["updated"] == 1
    assert len(world.listed(REVISION)) == 1
    after = world.rows()
    assert not after.equals(before)
    assert world.collect(faults={"older-version": None})["updated"] == 0
    assert world.rows().equals(after)


@pytest.mark.parametrize("fault", [None, "open-included", "clock-behind", "clock-ahead"])
@pytest.mark.parametrize("minutes", [-15, -5, 0, 5])
def test_the_open_candle_is_never_stored(world: World, fault: str | None, minutes: int) -> None:
    """Whatever the host's clock and the server's say, and whatever the server answers."""
    world.clock.move_to(AT.replace(minute=0) + CYCLE)
    at = world.clock.now() + timedelta(minutes=minutes)
    try:
        world.collect(faults={fault: None} if fault else {}, at=at)
    except ExchangeError:
        assert fault == "open-included"
    server = world.clock.now() + timedelta(minutes={"clock-behind": -10, "clock-ahead": 10}.get(fault or "", 0))
    newest = max(world.rows()["slot"], default="")
    assert newest < str(min(at, server) - CYCLE + timedelta(seconds=1))
