"""An alarm goes on: its change stays where it was first seen, and rows of after it are waited for."""

from dataclasses import replace

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.models import ModelRow
from service.monitoring.since_change import count_lacking, find_beginning
from service.promotion.decision import make_decision, save_decision
from service.promotion.gather_evidence import find_drop
from service.statistics.windows import Alarm
from service.step import Run
from service.step.platform import Platform
from service.training.evidence import find_informed
from tests.service.toy_world import DAY, START, open_toy


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def see(toy: Platform, day: int) -> Run:
    at = START + day * DAY
    return Run(toy, toy.specs["a"], "monitoring", "monitor", at, at, "clock")


def version(number: int, *, at: int = 0, cause: str = "clock") -> ModelRow:
    day = START + at * DAY
    return ModelRow(
        project="toy", config="a", version=number, mlflow_run="", at=day, cause=cause, training_start=START,
        training_end=day, data_hash="", recipe={}, recipe_hash="", files={},
    )  # fmt: skip


def decide(toy: Platform, day: int, *, since: int | None, champion: int = 1, verdict: str = "wait") -> str:
    run = see(toy, day)
    numbers = {"since": (START + since * DAY).isoformat() if since is not None else None}
    name = f"toy.a:{day}:{verdict}"
    subject = "promotion" if verdict == "kept" else "retrain"
    decision = make_decision(
        run, name, subject=subject, verdict=verdict, reasons=[], numbers=numbers, versions=(champion, None)
    )
    save_decision(run, decision)
    return name


def raise_alarm(since: int | None) -> Alarm:
    return Alarm([], raised=since is not None, since=None if since is None else START + since * DAY)


def test_a_change_stays_where_it_was_first_seen_while_its_alarm_lasts(toy: Platform) -> None:
    decide(toy, 160, since=146)
    decide(toy, 163, since=None)
    found = find_beginning(see(toy, 166), version(1), raise_alarm(152))
    assert found.since == START + 146 * DAY
    assert found.raised


@pytest.mark.parametrize(
    ("seen", "champion", "now"),
    [(158, 1, 166), (160, 2, 166)],
    ids=["silent for a window and a day", "of a champion before"],
)
def test_an_alarm_that_ended_is_not_gone_on_with(toy: Platform, seen: int, champion: int, now: int) -> None:
    decide(toy, seen, since=140, champion=champion)
    assert find_beginning(see(toy, now), version(1), raise_alarm(152)).since == START + 152 * DAY
    assert find_beginning(see(toy, now), version(1), raise_alarm(None)).since is None


def test_only_rows_that_a_fit_of_after_the_change_predicts_are_counted(toy: Platform) -> None:
    spec = toy.specs["a"]  # twelve rows are wanted, and three that a fit has learned from
    spec = replace(spec, train=spec.train.model_copy(update={"refit_days": 7}))
    toy.specs = {"a": spec}
    rows = pd.DataFrame({"target_slot": [START + day * DAY for day in range(130, 163)]})
    times = rows["target_slot"]
    assert find_informed(spec, START + 140 * DAY, START + 163 * DAY, times) == START + 149 * DAY
    assert find_informed(spec, START + 140 * DAY, START + 162 * DAY, times) == START + 155 * DAY
    assert find_informed(spec, START + 140 * DAY, START + 149 * DAY, times[times < START + 149 * DAY]) == (
        START + 149 * DAY
    )
    assert count_lacking(see(toy, 163), rows, raise_alarm(140)) == 0
    assert count_lacking(see(toy, 162), rows, raise_alarm(140)) == 12 - 8
    assert count_lacking(see(toy, 147), rows.iloc[:17], raise_alarm(140)) == 12
    assert count_lacking(see(toy, 160), rows, raise_alarm(None)) == 0


def test_tries_after_one_change_are_counted_whichever_decision_called(toy: Platform) -> None:
    for day in (160, 170):
        cause = decide(toy, day, since=140, verdict="retrain")
        run = see(toy, day)
        run.cause = cause
        kept = make_decision(run, f"{cause}:2", subject="promotion", verdict="kept", reasons=[], numbers={})
        save_decision(run, kept)
    cause = decide(toy, 180, since=140, verdict="retrain")
    evidence = pd.DataFrame({"target_slot": [START + day * DAY for day in range(90, 190)]})
    drop = find_drop(see(toy, 180), version(4, at=180, cause=cause), evidence)
    assert drop is not None
    assert (drop.tries, drop.since) == (2, START + 149 * DAY)
    other = decide(toy, 190, since=185, verdict="retrain")
    found = find_drop(see(toy, 190), version(5, at=190, cause=other), evidence)
    assert found is not None
    assert found.tries == 0
    assert find_drop(see(toy, 190), version(6, at=190), evidence) is None
