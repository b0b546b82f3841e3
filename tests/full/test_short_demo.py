"""A short demo: two weeks on the virtual clock, with small models, and what can be done with its home afterwards."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from crypto_forecast.closing_table import print_closing_table
from crypto_forecast.demo import Story, play
from crypto_forecast.report.write_report import write_report
from db_handler.errors import UsageError
from db_handler.rows.frames import read_rows
from service.cli.run_command import run_command
from tests.crypto_forecast.played_demo import Played, play_quickly

STORY = Story(days=14, change=None)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUARTET_HOME", "replaced by the demo")
        yield play_quickly(STORY, tmp_path_factory.mktemp("demo") / "home", Console(quiet=True))


def test_every_candle_is_predicted_in_time_and_scored(played: Played) -> None:
    ticks = 14 * 6
    for spec in played.platform.specs.values():
        with played.platform.database.begin(writing=False) as connection:
            predictions = read_rows(connection, spec.data.predictions, where=spec.data.where)
            performance = read_rows(connection, spec.data.performance, where=spec.data.where)
        assert len(predictions) == ticks
        assert predictions["on_time"].all()
        assert list(performance["state"].unique()) == ["live"]
        assert len(performance) == ticks - 1
        assert performance["loss"].mean() < performance["rule_last_loss"].mean()


def test_first_champions_are_promoted_and_nothing_calls_for_a_retrain(played: Played) -> None:
    assert played.count("promotion", "promoted") == 3
    assert played.count("retrain", "no") == 3 * 14 * 6


def test_the_holes_of_the_exchange_are_told(played: Played) -> None:
    from crypto_forecast.loader.gaps import count_gaps
    from service.step import Run

    for spec in played.platform.specs.values():
        moment = list(STORY.moments())[-1]
        run = Run(played.platform, spec, "data", "load", moment, moment, "person")
        assert count_gaps(run, spec) == {"exchange": 1}


def test_its_end_is_a_table_and_a_page(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    report = write_report(played.platform.database, played.platform.specs, played.home / "report.html", change=None)
    print_closing_table(played.platform.database, played.platform.specs, report=report, home=played.home)
    shown = capsys.readouterr().out
    assert report.stat().st_size > 1_000_000
    assert "KRW-ADA" in shown
    assert "make mlflow" in shown


def run_in(home: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("QUARTET_HOME", str(home))
    return run_command("crypto_forecast", arguments)


def test_its_home_goes_on_from_its_now_with_the_same_exchange(
    played: Played, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    last = list(STORY.moments())[-1]
    at = last + timedelta(hours=4)
    assert run_in(played.home, monkeypatch, "data", "--at", at.isoformat()) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {result["load"]["rows"] for result in found["results"].values()} == {1}
    assert run_in(played.home, monkeypatch, "inference") == 0


def test_it_says_where_its_world_ends(
    played: Played, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_in(played.home, monkeypatch, "data", "--at", "2026-01-01") == 2
    assert "where the candles of this virtual world end" in capsys.readouterr().out


def test_it_replaces_an_earlier_demo_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTET_HOME", "replaced by the demo")
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="is not an earlier demo"):
        play(STORY, tmp_path, Console(quiet=True))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
