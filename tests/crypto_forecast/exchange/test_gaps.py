"""Why a candle is missing, and what is asked for again."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crypto_forecast.exchange.client.answers import Answer
from crypto_forecast.exchange.client.errors import ExchangeError
from crypto_forecast.exchange.server.candle_book import CandleBook
from crypto_forecast.loader.store import store_page
from crypto_forecast.preprocessor.data_preparation import sift_page
from db_handler.ledger.ledger_tables import GAP
from db_handler.ledger.watermarks import read_watermark
from tests.crypto_forecast.exchange.collecting import AT, CYCLE, HOLE, START, World, samples, specs, with_candle

QUIET = START + 100 * CYCLE


def reasons(world: World, name: str = "raw:KRW-BTC:240") -> dict[datetime, str]:
    return {gap["slot"]: gap["reason"] for gap in world.listed(GAP, name=name, closed_at=None)}


def test_a_hole_in_every_market_is_the_exchanges_and_one_in_a_single_market_is_no_trade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "home", monkeypatch, with_candle(samples(), QUIET))
    for config in ("btc", "eth", "ada"):
        world.collect(config)
    assert reasons(world) == {HOLE: "exchange", QUIET: "no_trade"}
    assert reasons(world, "raw:KRW-ADA:240") == {HOLE: "exchange"}
    world.collect()
    assert len(world.served) == 1


def test_rows_left_out_of_an_answer_are_asked_for_and_their_gaps_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "home", monkeypatch)
    world.collect(faults={"short": None})
    assert set(reasons(world).values()) == {"unknown"}
    assert world.collect()["gaps"] == {"no_trade": 1}
    assert len(world.rows()) == 227


def test_a_market_that_is_older_than_it_seemed_is_filled_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "home", monkeypatch)
    world.collect(faults={"new-market": None}, at=AT)
    world.collect(faults={"empty-page": 2}, at=AT)
    world.collect(at=AT)
    assert len(world.rows()) == 227
    world.collect(at=AT)
    assert len(world.served) == 1


def test_a_new_market_has_no_gaps_before_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.fromisoformat("2024-09-20T00:05Z")
    world = World(tmp_path / "home", monkeypatch, at=late)
    result = world.collect(faults={"new-market": None})
    assert 0 < result["rows"] < 200
    assert result["gaps"] == {}
    world.clock.sleep(CYCLE.total_seconds())
    world.collect(faults={"new-market": None})
    assert len(world.served) == 1


def test_a_delisted_market_keeps_what_it_has_and_gets_no_gaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books = samples()
    book = books["KRW-BTC", 240]
    short = type(book)("KRW-BTC", 240, [candle for candle in book.candles if candle.slot < START + 60 * CYCLE])
    world = World(tmp_path / "home", monkeypatch, {**books, ("KRW-BTC", 240): short})
    assert world.collect()["rows"] == 59
    assert set(reasons(world)) == {HOLE}
    world.clock.sleep(timedelta(days=3).total_seconds())
    assert world.collect()["rows"] == 0
    assert len(world.served) == 1


def test_a_normal_cycle_is_one_request_and_lowers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path / "home", monkeypatch)
    world.collect()
    for _ in range(5):
        world.clock.sleep(CYCLE.total_seconds())
        result = world.collect()
        assert (result["rows"], result["updated"], len(world.served)) == (1, 0, 1)


def test_a_clock_far_ahead_of_the_servers_asks_no_more_than_a_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "home", monkeypatch)
    world.collect()
    world.clock.sleep(CYCLE.total_seconds())
    assert world.collect(at=world.clock.now() + timedelta(days=700))["rows"] == 1
    assert len(world.served) == 1


def test_a_thin_market_is_collected_whole_at_one_request_a_cycle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)
    books = {
        key: CandleBook(*key, [candle for candle in book.candles if chance.random() > 0.4])
        for key, book in samples().items()
    }
    world = World(tmp_path / "home", monkeypatch, books)
    world.collect()
    for _ in range(20):
        world.clock.sleep(CYCLE.total_seconds())
        world.collect()
        assert len(world.served) == 1
    until = world.clock.now() - CYCLE
    expected = [str(slot) for slot in books["KRW-BTC", 240].slots if START <= slot <= until]
    assert list(world.rows()["slot"]) == expected
    assert set(reasons(world).values()) == {"no_trade"}


def test_candles_kept_back_for_days_are_noticed_though_the_next_answer_reaches_behind_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "home", monkeypatch)
    book, back = samples()["KRW-BTC", 240], AT - timedelta(days=20)
    thin = [candle for candle in book.candles if not AT - 2 * CYCLE <= candle.slot < AT]
    kept_back = [candle for candle in thin if candle.slot < back]
    world.books = {**samples(), ("KRW-BTC", 240): CandleBook("KRW-BTC", 240, kept_back)}
    world.collect()
    world.books = {**samples(), ("KRW-BTC", 240): CandleBook("KRW-BTC", 240, thin)}
    world.clock.sleep(CYCLE.total_seconds())
    world.collect()
    expected = [str(candle.slot) for candle in thin if START <= candle.slot <= AT]
    assert list(world.rows()["slot"]) == expected


def test_an_answer_without_candles_is_not_believed_where_there_are_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "home", monkeypatch)
    world.collect()
    world.clock.sleep(CYCLE.total_seconds())
    with pytest.raises(ExchangeError, match="though there are older ones"):
        world.collect(faults={"empty-page": 1})
    with world.database.begin(writing=False) as connection:
        assert read_watermark(connection, "crypto_forecast", "raw:KRW-BTC:240", lock=False) == AT.replace(minute=0)
    assert world.collect()["rows"] == 1


def test_a_single_row_that_is_wrong_does_not_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path / "home", monkeypatch)
    world.collect()
    world.clock.sleep(CYCLE.total_seconds())
    cell = (AT.replace(minute=0), AT.replace(minute=0) + CYCLE)
    row = {"market": "KRW-BTC", "candle_date_time_utc": "2024-01-08T00:07:13", "unit": 240}
    answer = Answer([row], world.clock.now(), complete=True)
    sifted = sift_page(specs()["btc"], cell[1], answer.rows, answer.date)
    with world.database.begin() as connection:
        counts = store_page(connection, spec=specs()["btc"], cell=cell, sifted=sifted, answer=answer)
    assert (counts["rows"], counts["quarantined"]) == (0, 1)
    assert world.collect()["rows"] == 1
