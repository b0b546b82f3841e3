"""Data, train, inference and monitoring on half a year of practice data: the three steps side by side."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ineligible_loan.core.load import load
from ineligible_loan.core.preprocess import preprocess
from service.sources.day_range import DayRange
from service.step import Run
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.tracking.registry import read_alias
from tests.ineligible_loan.played_loans import CONFIGS, ask, open_loans, play, read_predictions

Played = tuple[Platform, dict[str, dict[str, Outcome]], dict[str, Any]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """An empty platform, then practice data, the first models, a month, and the second ones."""
    with open_loans(tmp_path_factory.mktemp("loans") / "home") as platform:
        found = {"empty": play(platform, "data", "2025-06-01T02:05")}
        days = DayRange(date(2025, 1, 15), date(2025, 7, 2))
        asked = {"generate": ask(platform, "generate", "2025-07-02T00:00", days=days)}
        found["data"] = play(platform, "data", "2025-06-01T02:05")
        found["too early"] = play(platform, "inference", "2025-06-01T02:05")
        found["train"] = play(platform, "train", "2025-06-01T02:35")
        found["waits"] = play(platform, "inference", "2025-06-01T03:00", configs=("continuous_training",))
        asked["promote"] = ask(platform, "promote", "2025-06-01T09:00", "continuous_training")
        for day in ("06-02", "07-01"):
            found[f"data {day}"] = play(platform, "data", f"2025-{day}T02:05")
            found[f"inference {day}"] = play(platform, "inference", f"2025-{day}T02:05")
        found["train again"] = play(platform, "train", "2025-07-01T02:35")
        for kind in ("data", "inference", "monitoring"):
            found[f"{kind} 07-02"] = play(platform, kind, "2025-07-02T02:05")
        yield platform, found, asked


def name_statuses(outcomes: dict[str, Outcome]) -> list[str]:
    return [outcomes[config].status for config in CONFIGS]


def name_verdicts(outcomes: dict[str, Outcome]) -> list[str | None]:
    return [outcomes[config].results.get("promote", {}).get("verdict") for config in CONFIGS]


def test_a_fresh_platform_says_what_to_do_and_fails_at_nothing(played: Played) -> None:
    empty = played[1]["empty"]
    assert name_statuses(empty) == ["not_yet"] * 3
    assert "import or generate some first: make run p=ineligible_loan" in empty["batch"].results["load"]["error"]


def test_one_config_finds_what_is_new_and_the_others_nothing(played: Played) -> None:
    loads = [played[1]["data"][config].results["load"] for config in CONFIGS]
    assert [result["nothing_new"] for result in loads] == [False, True, True]
    assert [result["applications"] > 3000 for result in loads] == [True, False, False]
    assert len({(result["known"], result["waiting"]) for result in loads}) == 1
    assert 300 < loads[0]["waiting"] < 550  # two weeks of applications


def test_dirt_is_counted(played: Played) -> None:
    mended = played[1]["data"]["batch"].results["preprocess"]["mended"]
    assert mended["dependents: + behind a number"] > 100
    assert mended["credit_history: missing"] > 50
    assert played[1]["data"]["batch"].results["preprocess"]["no_class"] == {}


def test_decisions_come_to_the_rows_that_wait_for_them(played: Played) -> None:
    result = played[1]["data 07-02"]["batch"].results
    assert result["load"]["applications"] < 60
    assert result["load"]["decisions"] > 10
    assert result["preprocess"]["updated"] == result["load"]["decisions"]


def test_without_a_champion_a_batch_waits(played: Played) -> None:
    assert name_statuses(played[1]["too early"]) == ["not_yet"] * 3


def test_the_first_models_beat_the_rules_and_one_waits_for_a_person(played: Played) -> None:
    assert name_verdicts(played[1]["train"]) == ["promoted", "waiting", "promoted"]
    assert (
        name_statuses(played[1]["waits"] | {c: Outcome() for c in ("batch", "continuous_deployment")})[1] == "not_yet"
    )
    assert played[2]["promote"]["verdict"] == "promoted"


def test_windows_hold_the_months_before(played: Played) -> None:
    rows = {config: played[1]["train"][config].results["train"]["rows"] for config in CONFIGS}
    assert rows["batch"] == rows["continuous_deployment"]  # nothing is older than six months yet
    later = played[1]["train again"]["continuous_deployment"].results["train"]
    assert later["training_end"].startswith("2025-06-1")  # the last that were decided


def test_the_clock_leaves_a_fixed_model_alone(played: Played) -> None:
    again = played[1]["train again"]
    assert again["batch"].status == "not_yet"
    assert "is trained once (Train.renew), and version 1 serves" in again["batch"].results["train"]["error"]
    assert name_verdicts(again) == [None, "waiting", "promoted"]


def test_the_next_batch_uses_what_was_deployed_by_itself(played: Played) -> None:
    platform = played[0]
    newest = {config: int(read_predictions(platform, config)["version"].iloc[-1]) for config in CONFIGS}
    assert newest == {"batch": 1, "continuous_training": 1, "continuous_deployment": 2}
    aliases = {config: read_alias(platform.tracking, f"ineligible_loan.{config}", "champion") for config in CONFIGS}
    assert aliases == newest
    assert read_alias(platform.tracking, "ineligible_loan.continuous_training", "challenger") == 2


def test_each_config_answers_each_application_once(played: Played) -> None:
    answers = [read_predictions(played[0], config) for config in CONFIGS]
    assert len({len(found) for found in answers}) == 1
    for found in answers:
        assert found["loan_id"].is_unique
        assert (found["predicted_eligible"] + found["predicted_ineligible"]).round(9).eq(1).all()
        assert found["rule_split_ineligible"].notna().all()


def test_decisions_that_have_come_are_scored_and_the_champion_is_watched(played: Played) -> None:
    assert played[1]["inference 07-01"]["batch"].results["score"]["live"] > 300
    monitored = played[1]["monitoring 07-02"]["batch"]
    assert monitored.status == "done"
    assert monitored.results["monitor"]["verdict"] == "no"
    assert "of the baseline's in the newest window" in monitored.results["monitor"]["reasons"][0]


def test_a_run_of_an_earlier_moment_takes_nothing_back(played: Played) -> None:
    platform, spec = played[0], played[0].specs["batch"]
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    run = Run(platform, spec, "data", "load", moment, moment, "person")
    assert load(spec, run)["rows"] == 0
    assert preprocess(spec, run)["rows"] == 0
