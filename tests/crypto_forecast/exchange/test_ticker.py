"""The ticker plays moments in their order, waits for each chain, and is ended by nothing that Airflow does."""

import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crypto_forecast.exchange.ticker.airflow import Airflow, read_password
from crypto_forecast.exchange.ticker.demo_clock import DemoClock, begin_demo_time
from crypto_forecast.exchange.ticker.play_moments import Patience, Ticker, list_moments
from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.ledger.runs import RunRow, finish_run, start_run
from db_handler.ledger.virtual_now import begin_virtual_time
from db_handler.ledger.watermarks import move_watermark
from tests.crypto_forecast.exchange.fake_airflow import FakeAirflow

LIVE = datetime(2025, 2, 18, tzinfo=UTC)
END = datetime(2025, 7, 1, tzinfo=UTC)
MOMENTS = list(list_moments(LIVE, END))[:3]
KEYS = ["2025-02-18T00:05:00Z", "2025-02-18T04:05:00Z", "2025-02-18T08:05:00Z"]
QUICK = Patience(poll=0.01, start=0.1, chain=0.5, pause=0.02)


@pytest.fixture
def clock(database: Database) -> DemoClock:
    return begin_demo_time(database, MOMENTS[0], end=END)


@pytest.fixture(autouse=True)
def _listen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "crypto_forecast")


def tick(airflow: FakeAirflow, clock: DemoClock, word: str = "secret", moments: int = 3) -> None:
    Ticker(Airflow(airflow.url, "ticker", word), clock, QUICK).play_all(MOMENTS[:moments])


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().rpartition(" (")[0] or record.getMessage() for record in caplog.records]


def test_each_moment_is_a_data_run_of_its_key_and_its_chain_ends_before_the_next(
    clock: DemoClock, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeAirflow(training_after={KEYS[1]}) as airflow:
        tick(airflow, clock)
    assert airflow.started("data") == airflow.started("inference") == airflow.started("monitoring") == KEYS
    assert [run.dag.removeprefix("crypto_forecast_") for run in airflow.runs] == [
        *("data", "inference", "monitoring"), *("data", "inference", "monitoring", "train"),
        *("data", "inference", "monitoring"),
    ]  # fmt: skip
    assert airflow.runs[0].run_id == f"demo__{KEYS[0]}"
    assert {run.state for run in airflow.runs} == {"success"}
    assert airflow.tokens == 1
    assert clock.now() == MOMENTS[-1]
    calm = "data success, inference success, monitoring success"
    assert lines(caplog) == [
        f"2025-02-18T00:05Z: {calm}", f"2025-02-18T04:05Z: {calm}, train ended", f"2025-02-18T08:05Z: {calm}"
    ]  # fmt: skip


def test_the_virtual_now_is_there_before_the_run(clock: DemoClock, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    start = FakeAirflow.start
    monkeypatch.setattr(FakeAirflow, "start", lambda *given: (seen.append(clock.now()), start(*given))[1])
    with FakeAirflow() as airflow:
        tick(airflow, clock)
    assert seen == MOMENTS


def test_a_token_that_expires_is_fetched_again(clock: DemoClock) -> None:
    with FakeAirflow(token_uses=4) as airflow:
        tick(airflow, clock)
    assert airflow.started("monitoring") == KEYS
    assert airflow.tokens > 3


def test_a_run_that_is_there_already_is_fine_and_its_chain_is_waited_for(clock: DemoClock) -> None:
    with FakeAirflow() as airflow:
        airflow.add("crypto_forecast_data", f"demo__{KEYS[0]}", KEYS[0])
        tick(airflow, clock)
    assert 409 in {status for _, _, status in airflow.asked}
    assert airflow.started("data") == airflow.started("monitoring") == KEYS


def test_what_fails_does_not_start_or_does_not_end_is_told_and_the_next_moment_comes(
    clock: DemoClock, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = {
        "failing": {("data", KEYS[0])},
        "not_starting": {("inference", KEYS[1])},
        "never_ending": {("monitoring", KEYS[2])},
    }
    with FakeAirflow(**troubles) as airflow:
        tick(airflow, clock)
    assert airflow.started("data") == KEYS
    assert lines(caplog) == [
        "2025-02-18T00:05Z: data failed",
        "2025-02-18T04:05Z: data success, inference did not start",
        "2025-02-18T08:05Z: data success, inference success, monitoring did not end within 0 minutes",
    ]


def test_an_airflow_that_is_down_at_first_is_waited_for_with_one_line_for_each_trouble(
    clock: DemoClock, caplog: pytest.LogCaptureFixture
) -> None:
    with FakeAirflow() as closed:
        pass
    ticking = threading.Thread(target=tick, args=(closed, clock))
    ticking.start()
    ticking.join(0.3)
    assert ticking.is_alive()
    with FakeAirflow(port=closed.port, down=3) as airflow:
        ticking.join(20)
        assert not ticking.is_alive()
    assert airflow.started("monitoring") == KEYS
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert told == [
        f"Airflow at {airflow.url} can't be reached (connection refused); trying again until it does.",
        f"Airflow at {airflow.url} gives no token: it answers 503; trying again until it does.",
    ]


def test_a_password_that_is_refused_is_said_without_it(clock: DemoClock, caplog: pytest.LogCaptureFixture) -> None:
    with FakeAirflow(password="not yet") as airflow:
        ticking = threading.Thread(target=tick, args=(airflow, clock, "canary", 1))
        ticking.start()
        ticking.join(0.2)
        airflow.password = "canary"
        ticking.join(20)
    (said, _) = [record.getMessage() for record in caplog.records]
    assert "refuses user ticker and its password" in said
    assert "canary" not in caplog.text


def test_real_runs_that_failed_are_no_work(database: Database) -> None:
    unit = {"project": "crypto_forecast", "config": "btc", "kind": "data", "step": "load", "cause": "clock"}
    with database.begin() as connection:
        row = start_run(connection, RunRow(run_id="1", **unit, at=END, started_at=END))
        finish_run(connection, replace(row, status="failed", error="no network"))
    assert begin_demo_time(database, MOMENTS[0], end=END).now() == MOMENTS[0]


@pytest.mark.parametrize("work", ["run", "candles"])
def test_a_house_with_real_results_is_refused(database: Database, work: str) -> None:
    unit = {"project": "crypto_forecast", "config": "btc", "kind": "data", "step": "load", "cause": "clock"}
    with database.begin() as connection:
        if work == "run":
            row = start_run(connection, RunRow(run_id="1", **unit, at=END, started_at=END))
            finish_run(connection, replace(row, status="done", result={}))
        else:
            move_watermark(connection, "crypto_forecast", "raw:KRW-BTC:240", LIVE)
    with pytest.raises(UsageError, match="holds the work of real runs"):
        begin_demo_time(database, MOMENTS[0], end=END)


def test_a_house_that_has_a_virtual_now_keeps_it(database: Database) -> None:
    with database.begin() as connection:
        begin_virtual_time(connection, MOMENTS[1], end=END)
    assert begin_demo_time(database, MOMENTS[0], end=END).now() == MOMENTS[1]


def test_a_password_file_that_is_missing_or_empty_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read \\(No such file"):
        read_password(tmp_path / "none")
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(UsageError, match="is empty"):
        read_password(tmp_path / "empty")


@pytest.mark.parametrize("url", ["airflow:8080", "http://u:canary@host", "http://host:x", ""])
def test_an_address_that_is_none_is_one_sentence(url: str) -> None:
    with pytest.raises(UsageError, match="--airflow is no address") as refused:
        Airflow(url, "ticker", "secret")
    assert "canary" not in str(refused.value)
