"""The end of the demo in the terminal."""

from dataclasses import replace
from pathlib import Path

import pytest

from crypto_forecast.closing_table import print_closing_table, shorten_why
from crypto_forecast.report.events import Turn
from tests.crypto_forecast.played_world import CHANGE, LIVE, build_world


@pytest.fixture
def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    database, specs = build_world(tmp_path)
    report, home = tmp_path / "report.html", Path("artifacts/demo")
    print_closing_table(database, specs, report=report, home=home, change=CHANGE, seconds={"load": 1234.5})
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_everything_is_in_it(printed: str, tmp_path: Path) -> None:
    for title in ("Rows", "Models", "Live", "Decisions", "Time of each step"):
        assert f"\n{title}" in printed
    assert "1 exchange" in printed
    assert "1,234.5" in printed
    assert f"{tmp_path}/report.html" in printed
    assert "QUARTET_HOME=artifacts/demo make mlflow" in printed
    assert "QUARTET_HOME=artifacts/demo make run p=crypto_forecast k=train c=btc" in printed


def test_the_loss_ratio_is_told_before_the_change_until_the_promotion_and_after_it(printed: str) -> None:
    told = printed.split("Live loss over the baseline's: ")[1]
    for phase in ("before the change", "until the promotion", "after the promotion"):
        assert phase in told


def test_tables_fit_a_hundred_columns_and_hold_no_markup(printed: str) -> None:
    tables = printed.split("1,116 candles of")[0]
    assert max(map(len, tables.splitlines())) <= 100
    assert "\x1b" not in printed
    assert "?" in next(line for line in tables.splitlines() if " kept " in line)


def test_why_names_the_closest_rival_or_the_ratios_that_called() -> None:
    rules = {"against_last": {"ratio": 0.5, "p": 0.0}, "against_har_tod": {"ratio": 0.91, "p": 0.005}}
    first = Turn(LIVE, LIVE, 1, ("btc",), "promotion", "promoted", 1, ("beats last",), rules)
    assert shorten_why(first) == "0.91 of har_tod's loss, p 0.005"
    champion = {**rules, "against_champion": {"ratio": 0.8, "p": 0.01}}
    assert shorten_why(replace(first, numbers=champion)) == "0.80 of the champion's loss, p 0.010"
    windows = {"windows": [{"ratio": 1.234}, {"ratio": None}]}
    assert shorten_why(replace(first, verdict="retrain", numbers=windows)) == "loss ratio 1.23, - (newest first)"
    assert shorten_why(replace(first, verdict="kept", reasons=("x" * 99,))).endswith("x...")


def test_times_come_from_the_ledger_where_none_are_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database, specs = build_world(tmp_path, change=None, end=CHANGE)
    print_closing_table(database, specs, report=tmp_path / "report.html", home=tmp_path)
    printed = capsys.readouterr().out
    assert "7.5" in printed  # three trainings of 2.5 s
    assert "no alarm was raised" in printed
