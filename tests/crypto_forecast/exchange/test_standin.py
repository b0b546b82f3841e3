"""The stand-in answers as the recorded exchange did."""

import json
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from crypto_forecast.exchange.__main__ import build_parser, main
from crypto_forecast.exchange.server.candle_book import read_books
from crypto_forecast.exchange.server.faults import FAULTS
from crypto_forecast.exchange.server.standin import Behaviour, Standin
from db_handler.clock import VirtualClock
from tests.crypto_forecast.exchange.collecting import samples

NOW = datetime(2024, 12, 31, 22, 0, 30, tzinfo=UTC)
# One answer of the real exchange, as recorded on 2026-03-11.
RECORDED = {
    "market": "KRW-BTC",
    "candle_date_time_utc": "2026-03-11T14:40:00",
    "candle_date_time_kst": "2026-03-11T23:40:00",
    "opening_price": 103600000.0,
    "high_price": 103600000.0,
    "low_price": 103425000.0,
    "trade_price": 103460000.0,
    "timestamp": 1773240059132,
    "candle_acc_trade_price": 164899503.14206,
    "candle_acc_trade_volume": 1.5933512,
    "unit": 1,
}
HEADERS = {
    "Date": "Tue, 31 Dec 2024 22:00:30 GMT",
    "Remaining-Req": "group=candles; min=600; sec=9",
    "Limit-By-Ip": "Yes",
}


def ask(exchange: Standin, path: str) -> tuple[int, Any, Any]:
    try:
        with urlopen(f"{exchange.url}/{path}") as answer:  # noqa: S310
            return answer.status, json.load(answer), answer.headers
    except HTTPError as error:
        with error:
            body = error.read().decode()
        return error.code, json.loads(body) if body.startswith("{") else body, error.headers


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


def test_an_answer_has_the_shape_of_the_recorded_one(clock: VirtualClock) -> None:
    with Standin(samples(), clock) as exchange:
        status, rows, headers = ask(exchange, "candles/minutes/240?market=KRW-BTC")
    assert (status, len(rows)) == (200, 1)
    assert list(rows[0]) == list(RECORDED)
    assert {name: type(value) for name, value in rows[0].items()} == {n: type(v) for n, v in RECORDED.items()}
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["Content-Type"] == "application/json;charset=UTF-8"


def test_the_end_is_exclusive_and_the_newest_comes_first(clock: VirtualClock) -> None:
    with Standin(samples(), clock) as exchange:
        for to in ("2024-12-31T16:00:00Z", "2024-12-31T16:00:00", "2025-01-01T01:00:00%2B09:00"):
            _, rows, _ = ask(exchange, f"candles/minutes/240?market=KRW-BTC&to={to}&count=3")
            times = [row["candle_date_time_utc"][8:13] for row in rows]
            assert times == ["31T12", "31T08", "31T04"]
        assert ask(exchange, "candles/minutes/240?market=KRW-BTC&to=2020-01-01T00:00:00Z")[1] == []


def test_the_open_candle_grows_with_the_clock(clock: VirtualClock) -> None:
    grown = []
    with Standin(samples(), clock) as exchange:
        for _ in range(3):
            grown.append(ask(exchange, "candles/minutes/240?market=KRW-BTC")[1][0])
            clock.sleep(3600)
    assert [row["candle_date_time_utc"][11:13] for row in grown] == ["20", "20", "00"]
    assert grown[0]["candle_acc_trade_volume"] < grown[1]["candle_acc_trade_volume"]
    assert grown[0]["timestamp"] < grown[1]["timestamp"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("candles/minutes/240?market=KRW-NONE", 404),
        ("candles/minutes/240", 400),
        ("candles/minutes/7?market=KRW-BTC", 400),
        ("candles/minutes/240?market=KRW-BTC&count=201", 400),
        ("candles/minutes/240?market=KRW-BTC&count=x", 400),
        ("candles/minutes/240?market=KRW-BTC&to=2025-01-01T01:00:00+09:00", 400),
        ("nothing", 404),
    ],
)
def test_errors_have_the_exchanges_form(clock: VirtualClock, path: str, status: int) -> None:
    with Standin(samples(), clock) as exchange:
        answered, body, _ = ask(exchange, path)
    assert (answered, body["error"]["name"]) == (status, status)


def test_ten_requests_fit_into_a_window_then_429_then_418(clock: VirtualClock) -> None:
    with Standin(samples(), clock) as exchange:
        answers = [ask(exchange, "candles/minutes/240?market=KRW-BTC") for _ in range(16)]
        assert [status for status, _, _ in answers] == [200] * 10 + [429] * 5 + [418]
        assert answers[9][2]["Remaining-Req"].endswith("sec=0")
        assert answers[10][1] == "Too many API requests."
        clock.sleep(59)
        assert ask(exchange, "candles/minutes/240?market=KRW-BTC")[0] == 418
        clock.sleep(2)
        assert ask(exchange, "candles/minutes/240?market=KRW-BTC")[0] == 200
        assert len(ask(exchange, "market/all")[1]) == 3


def test_the_world_changes_from_a_day_on() -> None:
    clock = VirtualClock(NOW)
    day = NOW.replace(hour=8, minute=0, second=0)
    path = "candles/minutes/240?market=KRW-BTC&count=8"
    with Standin(samples(), clock) as calm, Standin(samples(), clock, Behaviour(change=(day, 8.0))) as changed:
        pairs = list(zip(ask(calm, path)[1], ask(changed, path)[1], strict=True))
    for before, after in pairs[1:]:
        wider = 8 if after["candle_date_time_utc"] >= f"{day:%Y-%m-%dT%H}" else 1
        ranges = [math.log(row["high_price"] / row["low_price"]) for row in (before, after)]
        assert ranges[1] == pytest.approx(wider * ranges[0])
        assert (before["opening_price"], before["trade_price"]) == (after["opening_price"], after["trade_price"])


def test_the_sample_candles_are_those_that_the_demo_needs() -> None:
    for book in read_books().values():
        assert book.unit == 240
        assert book.slots[0] == datetime(2023, 10, 31, 16, tzinfo=UTC)
        assert len(book.slots) == 3647
        holes = {late - early for early, late in zip(book.slots, book.slots[1:], strict=False)}
        assert holes == {timedelta(hours=4), timedelta(hours=8)}


def test_every_fault_of_the_list_has_a_switch(capsys: pytest.CaptureFixture[str]) -> None:
    assert {number for number, _, _ in FAULTS.values()} == set(range(26, 40))
    assert main(["--list-faults"]) == 0
    assert capsys.readouterr().out.count("\n") == len(FAULTS)
    options = build_parser().parse_args(["--fault", "hang", "--fault", "drip=3", "--change", "2025-01-01,8"])
    assert dict(options.fault) == {"hang": None, "drip": 3}


def test_bad_usage_is_one_sentence_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Standin(samples(), VirtualClock(NOW)) as exchange:
        port = exchange.url.split(":")[2].split("/")[0]
        assert main(["--port", port]) == 2
    assert main(["--data", str(tmp_path)]) == 2
    (tmp_path / "KRW-BTC_240m.csv").write_text("a,b\n1,2\n")
    assert main(["--data", str(tmp_path)]) == 2
    sentences = capsys.readouterr().err.splitlines()
    assert len(sentences) == 3
    assert port in sentences[0]
    with pytest.raises(SystemExit) as ended:
        main(["--fault", "none-such"])
    assert ended.value.code == 2


def test_it_serves_from_the_command_line() -> None:
    command = [sys.executable, "-m", "crypto_forecast.exchange", "--port", "0", "--now", "2025-01-01T00:00Z"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = process.stderr.readline().split()[0]
        with urlopen(f"{url}/candles/minutes/240?market=KRW-ETH") as answer:  # noqa: S310
            assert json.load(answer)[0]["candle_date_time_utc"] == "2025-01-01T00:00:00"
        process.terminate()
