"""The exchange of a demo stack as a process of its own: what it serves, where it goes on, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from crypto_forecast.exchange.service import build_parser, choose_moments, main
from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.ledger.runs import RunRow, finish_run, start_run
from db_handler.ledger.virtual_now import move_virtual_now, read_virtual_end, read_virtual_now
from tests.crypto_forecast.exchange.fake_airflow import FakeAirflow

END = datetime(2025, 6, 30, 16, tzinfo=UTC)  # of the candles


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "password").write_text("secret")
    return tmp_path / "password"


@contextmanager
def serve(airflow: FakeAirflow, secret: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "crypto_forecast.exchange.service", "--port", "0", "--airflow", airflow.url]
    with subprocess.Popen(
        [*command, "--airflow-password-file", str(secret), *options], stderr=subprocess.PIPE, text=True, env=os.environ
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def read_until(process: "subprocess.Popen[str]", sign: str) -> list[str]:
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line.rstrip())
        if sign in line:
            return lines
    raise AssertionError(lines)


def ask(url: str, query: str) -> tuple[list[dict[str, Any]], str]:
    with urlopen(f"{url}/candles/minutes/240?market=KRW-BTC&{query}") as answer:  # noqa: S310
        return json.load(answer), answer.headers["Date"]


def test_it_begins_virtual_time_ticks_serves_up_to_it_and_goes_on_after_a_restart(
    database: Database, secret: Path
) -> None:
    with FakeAirflow() as airflow:
        with serve(airflow, secret, "--moments", "2") as process:
            url = read_until(process, " serves ")[0].split()[1]
            lines = read_until(process, "All moments are played")
            assert [line.split()[1] for line in lines[:-1]] == ["2025-02-18T00:05Z:", "2025-02-18T04:05Z:"]
            rows, date = ask(url, "count=2")
            assert [row["candle_date_time_utc"] for row in rows] == ["2025-02-18T04:00:00", "2025-02-18T00:00:00"]
            assert date == "Tue, 18 Feb 2025 04:05:00 GMT"
            with database.begin() as connection:
                assert read_virtual_now(connection) == datetime(2025, 2, 18, 4, 5, tzinfo=UTC)
                assert read_virtual_end(connection) == END
                move_virtual_now(connection, datetime(2025, 2, 18, 5, tzinfo=UTC))
            assert ask(url, "count=1")[1] == "Tue, 18 Feb 2025 05:00:00 GMT"
        assert process.returncode == 0
        assert airflow.started("data") == ["2025-02-18T00:05:00Z", "2025-02-18T04:05:00Z"]
        with serve(airflow, secret, "--moments", "1") as process:
            read_until(process, "All moments are played")
        assert airflow.started("data")[2:] == ["2025-02-18T08:05:00Z"]
        with serve(airflow, secret, "--moments", "1") as process:
            read_until(process, "All moments are played")
        assert len(airflow.started("data")) == 3  # the moment that is now was asked for again, and was there


def test_what_it_refuses_is_one_sentence(database: Database, secret: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = {"project": "crypto_forecast", "config": "btc", "kind": "data", "step": "load", "cause": "clock"}
    with database.begin() as connection:
        row = start_run(connection, RunRow(run_id="1", **unit, at=END, started_at=END))
        finish_run(connection, replace(row, status="done", result={}))
    given = ["--airflow-password-file", str(secret)]
    before = signal.getsignal(signal.SIGTERM)
    assert main(given) == main([*given, "--until", "2026-01-01"]) == main(["--airflow-password-file", "/none"]) == 2
    assert main([*given, "--port", "70000"]) == main([*given, "--airflow", "nowhere"]) == 2
    signal.signal(signal.SIGTERM, before)
    real, late, missing, port, address = capsys.readouterr().err.splitlines()
    assert "holds the work of real runs, beside which no virtual time can begin" in real
    assert "From 2025-02-18T00:00Z until 2026-01-01T00:00Z nothing can be played" in late
    assert "/none with Airflow's password can't be read" in missing
    assert "Port 70000 is none" in port
    assert "--airflow is no address" in address


def test_its_story() -> None:
    options = build_parser().parse_args([])
    moments = choose_moments(options, END)
    assert (options.change, options.factor) == (datetime(2025, 2, 20, tzinfo=UTC), 8.0)
    assert (moments[0], moments[-1]) == (
        datetime(2025, 2, 18, 0, 5, tzinfo=UTC),
        datetime(2025, 6, 30, 12, 5, tzinfo=UTC),
    )
    options = build_parser().parse_args(["--live", "2025-06-01", "--until", "2025-06-02"])
    assert len(choose_moments(options, END)) == 6
    with pytest.raises(UsageError):
        choose_moments(build_parser().parse_args(["--live", "2025-08-01"]), END)
