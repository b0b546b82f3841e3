"""Sifting the rows of an answer, three or so at a time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from crypto_forecast.preprocessor.data_preparation import find_holes, is_too_dirty, sift_page

START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=4)
END = START + 3 * STEP


def row(place: int = 0, **values: Any) -> dict[str, Any]:
    slot = START + place * STEP
    return {
        "market": "KRW-BTC",
        "candle_date_time_utc": f"{slot:%Y-%m-%dT%H:%M:%S}",
        "opening_price": Decimal(10),
        "high_price": Decimal(12),
        "low_price": Decimal("9.5"),
        "trade_price": Decimal(11),
        "timestamp": int((slot + STEP).timestamp() * 1000) - 1,
        "candle_acc_trade_price": Decimal(20),
        "candle_acc_trade_volume": Decimal(2),
        "unit": 240,
        **values,
    }


def sift(*rows: dict[str, Any], date: datetime = END) -> dict[str, Any]:
    data: Any = SimpleNamespace(market="KRW-BTC", unit=240, start=START)
    return sift_page(SimpleNamespace(data=data), END, list(rows), date)


def test_good_rows_become_candles_in_the_order_of_time() -> None:
    sifted = sift(row(2), row(0), row(1))
    assert list(sifted["candles"]["slot"]) == [START, START + STEP, START + 2 * STEP]
    assert list(sifted["candles"]["trade_price"]) == [11, 11, 11]
    assert (sifted["refused"], sifted["oldest"], sifted["placed"]) == ([], START, True)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"low_price": Decimal(-1)}, "low_price -1 is not above zero"),
        ({"opening_price": 0}, "opening_price 0 is not above zero"),
        ({"trade_price": Decimal("NaN")}, "trade_price is not finite"),
        ({"candle_acc_trade_volume": Decimal("Infinity")}, "volume is not finite"),
        ({"candle_acc_trade_volume": Decimal(-1)}, "volume -1 is not above zero"),
        ({"high_price": "12"}, "high_price '12' is no number"),
        ({"high_price": True}, "high_price 'True' is no number"),
        ({"high_price": [1]}, "high_price 'list' is no number"),
        ({"high_price": None}, "high_price is missing"),
        ({"high_price": Decimal("1e30")}, "high_price 1.000e+30 is more than can be"),
        ({"high_price": Decimal("1e999999")}, "high_price 1.000e+999999 is more than can be"),
        ({"low_price": Decimal("1e-30")}, "low_price 1.000e-30 is less than can be"),
        ({"high_price": Decimal("10.5")}, "high_price 10.5 is below another of its prices"),
        ({"low_price": Decimal("10.5")}, "low_price 10.5 is above another of its prices"),
        ({"timestamp": 5}, "timestamp 5 is not a time within or after the candle"),
        ({"timestamp": 10**17}, "last_tick 1.000e+17 is more than can be"),
        (
            {"candle_date_time_utc": "2024-01-01T00:07:00"},
            "its time 2024-01-01T00:07:00 is off the grid of 240 minutes",
        ),
        ({"candle_date_time_utc": "2099-01-01T00:00:00"}, "its time 2099-01-01T00:00:00 is in the future"),
        ({"candle_date_time_utc": "soon"}, "its time soon is no time"),
        ({"candle_date_time_utc": {}}, "its time dict is no time"),
        ({"market": "KRW-ETH"}, "it is of market KRW-ETH, unit 240"),
        ({"unit": 60}, "it is of market KRW-BTC, unit 60"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason(values: dict[str, Any], reason: str) -> None:
    sifted = sift(row(0), row(1, **values), row(2))
    assert len(sifted["candles"]) == 2
    assert [refused["reason"] for refused in sifted["refused"]] == [reason]


def test_an_extreme_candle_is_real() -> None:
    """2024-12-03: KRW-BTC fell by a third and came back within one candle."""
    low, close = Decimal(88_266_000), Decimal(132_500_000)
    wild = row(0, opening_price=Decimal(133_000_000), high_price=Decimal(134_000_000), low_price=low, trade_price=close)
    assert len(sift(wild)["candles"]) == 1


def test_the_open_candle_and_what_was_not_asked_for_are_left_out() -> None:
    sifted = sift(row(-1), row(2), row(3), date=END - timedelta(seconds=1))
    assert len(sifted["candles"]) == 0
    assert sifted["dirt"] == {"open": 1, "early": 1, "late": 0, "doubled": 0}
    assert sift(row(3), date=END + STEP)["dirt"]["late"] == 1


def test_of_doubled_rows_the_newer_wins_and_of_equally_new_ones_none() -> None:
    newer = row(0, trade_price=Decimal(12), timestamp=row(0)["timestamp"] + 1)
    for pair in ((row(0), newer), (newer, row(0)), (newer, newer)):
        sifted = sift(*pair)
        assert list(sifted["candles"]["trade_price"]) == [12]
        assert sifted["dirt"]["doubled"] == 1
    sifted = sift(row(0), row(0, trade_price=Decimal(12)), row(0))
    assert len(sifted["candles"]) == 0
    assert sifted["refused"][0]["reason"] == "the same candle came twice with different values"


def test_holes_are_the_places_without_a_candle() -> None:
    assert find_holes([START, START + 2 * STEP], START, END, 240) == [START + STEP]
    assert find_holes([], END, START, 240) == []


def test_a_few_bad_rows_are_never_too_many() -> None:
    assert not is_too_dirty(4, 4)
    assert not is_too_dirty(40, 200)
    assert is_too_dirty(5, 5)
    assert is_too_dirty(41, 200)
