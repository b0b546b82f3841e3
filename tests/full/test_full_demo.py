"""The whole demo, as `make demo` plays it: the change is found and answered, and without one nothing triggers."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from crypto_forecast.demo import Story
from db_handler.rows.frames import read_rows
from tests.crypto_forecast.played_demo import Played, play

CONSOLE = Console(stderr=True, quiet=True)


def live_ratio(played: Played, since: object, until: object) -> float:
    losses = []
    for spec in played.platform.specs.values():
        with played.platform.database.begin(writing=False) as connection:
            losses.append(
                read_rows(
                    connection,
                    spec.data.performance,
                    where={**spec.data.where, "state": "live"},
                    since=("target_slot", since),
                    until=("target_slot", until),
                )[["loss", "baseline_loss"]].sum()
            )
    return sum(float(loss["loss"]) for loss in losses) / sum(float(loss["baseline_loss"]) for loss in losses)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUARTET_HOME", "replaced by the demo")
    return tmp_path / "home"


def test_the_change_is_found_and_the_challengers_are_promoted(home: Path) -> None:
    story = Story()
    played = play(story, home, CONSOLE)
    assert story.change is not None
    retrains = [at for at, _, subject, verdict in played.verdicts if (subject, verdict) == ("retrain", "retrain")]
    assert {config for _, config, _, verdict in played.verdicts if verdict == "retrain"} == {"btc", "eth", "ada"}
    assert 0 < (min(retrains) - story.change).days <= 21
    alarms = [at for at, _, subject, verdict in played.verdicts if subject == "retrain" and verdict != "no"]
    promoted = [at for at, _, _, verdict in played.verdicts if verdict == "promoted" and at > story.change]
    assert max(promoted) - min(alarms) <= timedelta(days=10)
    assert played.count("promotion", "promoted") == 6
    assert played.count("probation", "running") == 3  # the second champions, on fewer rows than are wanted
    end = list(story.moments())[-1]
    before = live_ratio(played, story.live, story.change)
    drop = live_ratio(played, story.change, min(retrains))
    after = live_ratio(played, max(retrains), end)
    assert before < 0.9
    assert drop > 1.1
    assert after < 0.95


def test_without_a_change_nothing_triggers(home: Path) -> None:
    played = play(replace(Story(), change=None), home, CONSOLE)
    assert {verdict for _, _, subject, verdict in played.verdicts if subject == "retrain"} == {"no"}
    assert played.count("promotion", "promoted") == 3
