"""Probation: the champion before answers beside the new one, which falls by itself if it is worse."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, read_decisions, read_flips, record_decision
from db_handler.ledger.ledger_tables import MESSAGE, RUN
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.rows.single_rows import list_rows, write_row
from db_handler.settings import HouseSettings
from service.monitoring.probation import watch_probation
from service.monitoring.shadow import pair_with_shadow
from service.promotion import change_champion
from service.promotion.decision import make_decision
from service.step import Run
from service.step.champion import load_version
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.tracking.registry import _load_once, read_alias, set_alias
from service.training.history import find_last_training, list_attempts, read_calls
from service.workflow.run_kind import run_kind, run_verb
from tests.service.toy_world import DAY, START, open_toy
from tests.service.visits_world import invent_visits, open_visits, run_at

WANTED, PROMOTED = 12, 110
END = PROMOTED + 1 + WANTED  # the day on which the last of these rows has its truth


@pytest.fixture(scope="module")
def twice(made_mlflow: Path, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which version 2 followed version 1: each test has a copy of its databases, and the same models."""
    home = tmp_path_factory.mktemp("twice")
    shutil.copy(made_mlflow, home / "mlflow.db")
    shutil.copy(migrated, home / "quartet.db")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MLFLOW_TRACKING_URI", "QUARTET_DATABASE_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("QUARTET_HOME", str(home))
        with open_database(HouseSettings(home=home)) as database:
            toy = open_toy(database)
            for day in (60, PROMOTED):
                assert run(toy, "train", day).results["promote"]["verdict"] == "promoted"
        yield home


@pytest.fixture
def toy(twice: Path, home: Path) -> Iterator[Platform]:
    for name in ("mlflow.db", "quartet.db"):
        with closing(sqlite3.connect(twice / name)) as source, closing(sqlite3.connect(home / name)) as copy:
            source.backup(copy)  # what is still in the log of the file is copied, too
    with open_database() as database:
        platform = open_toy(database)
        want(platform, WANTED)
        yield platform


def want(toy: Platform, rows: int) -> None:
    train = toy.specs["a"].train.model_copy(update={"probation_rows": rows})
    toy.specs = {**toy.specs, "a": replace(toy.specs["a"], train=train)}


def run(toy: Platform, kind: str, day: int, now: int | None = None, step: str | None = None, **more: Any) -> Outcome:
    at = START + day * DAY
    return run_kind(toy, kind, ["a"], step=step, at=at, now=START + (now or day) * DAY, cause="clock", **more)["a"]


def at_day(toy: Platform, day: int) -> Run:
    return Run(toy, toy.specs["a"], "monitoring", "monitor", START + day * DAY, START + day * DAY, "clock")


def live(toy: Platform, right: int, until: int = END) -> Outcome:
    """Live on with version 2 until a day, in a world in which one of both versions is right; then monitor."""
    answer_and_score(toy, right, until)
    return run(toy, "monitoring", until)


def answer_and_score(toy: Platform, right: int, until: int = END) -> None:
    days = range(PROMOTED + 1, until)
    levels = {version: load_version(at_day(toy, until), version).model["level"] for version in (1, 2)}
    slots = pd.DataFrame({"series": "a", "target_slot": [START + day * DAY for day in days]})
    noise = np.random.default_rng(1).normal(0, 0.01, len(days))
    rows = slots.assign(slot=slots["target_slot"] - DAY, level=0.0, target=levels[right] + noise)
    answers = slots.assign(at=slots["target_slot"], on_time=True, version=2, predicted=levels[2], rule_zero=0.0)
    with toy.database.begin() as connection:
        upsert_rows(connection, toy.specs["a"].data.features, rows)
        upsert_rows(connection, toy.specs["a"].data.predictions, answers)
    assert run(toy, "inference", until, step="score").results["score"]["live"] == len(days)


def shadow(toy: Platform) -> pd.DataFrame:
    with toy.database.begin(writing=False) as connection:
        return read_rows(connection, toy.specs["a"].data.shadow)


def probations(toy: Platform) -> list[Decision]:
    with toy.database.begin(writing=False) as connection:
        return read_decisions(connection, "toy", "a", subject="probation")


def told(toy: Platform) -> list[str]:
    with toy.database.begin(writing=False) as connection:
        rows = list_rows(connection, MESSAGE)
    return [row["text"] for row in rows if "probation" in row["message_id"]]


def champion(toy: Platform) -> int | None:
    return read_alias(toy.tracking, "toy.a", "champion")


def test_a_new_champion_that_is_worse_falls_by_itself_and_its_recipe_waits_for_new_rows(toy: Platform) -> None:
    found = live(toy, right=1).results["monitor"]
    assert (found["version"], found["probation"]["verdict"]) == (2, "worse")
    assert "until 42 new rows have come" in found["probation"]["reasons"][-1]
    assert (champion(toy), read_alias(toy.tracking, "toy.a", "previous_champion")) == (1, 2)
    (ended,) = probations(toy)
    assert (ended.version_before, ended.version_after, ended.state) == (1, 2, "done")
    assert ended.numbers["looks"][0]["p"] < 0.003
    with toy.database.begin(writing=False) as connection:
        fell = read_flips(connection, "toy", "a")[-1]
    assert (fell.verdict, fell.numbers["probation"], fell.cause) == ("rolled_back", ended.decision_id, "clock")
    assert len(told(toy)) == 1
    assert "version 2 rolled back by itself, version 1 serves again" in told(toy)[0]

    refused = run(toy, "train", END + 30)
    assert refused.status == "not_yet"
    assert "its recipe was rolled back" in refused.results["train"]["error"]
    assert 'k=train c=a force="why"' in refused.results["train"]["error"]
    assert find_last_training(at_day(toy, END + 30)) == START + PROMOTED * DAY  # it cools nothing down
    forced = run(toy, "train", END + 30, step="train", force="I know").results["train"]
    assert forced["forced"].startswith("I know (its recipe was rolled back")
    other = toy.specs["a"].model.model_copy(update={"shrink": 0.9})
    same, toy.specs = toy.specs, {**toy.specs, "a": replace(toy.specs["a"], model=other)}
    assert run(toy, "train", END + 30, step="train").status == "done"
    toy.specs = same
    assert run(toy, "train", END + 43, step="train").status == "done"


def test_asked_again_it_is_told_and_decided_once_and_a_past_moment_ends_nothing(toy: Platform) -> None:
    first = live(toy, right=1).results["monitor"]["probation"]
    again = run(toy, "monitoring", END).results["monitor"]
    later = run(toy, "monitoring", END + 1).results["monitor"]
    assert first == again["probation"] == later["probation"]
    assert (again["version"], later["version"], champion(toy)) == (2, 1, 1)
    assert (len(told(toy)), len(probations(toy))) == (1, 1)
    assert run(toy, "monitoring", END, now=END + 40).results["monitor"]["probation"] is None


def test_a_retrain_that_was_worth_it_is_in_the_ledger_and_told(toy: Platform) -> None:
    early = live(toy, right=2, until=END - 4).results["monitor"]["probation"]
    assert (early["verdict"], early["reasons"][-1]) == ("running", "8 of 12 labelled rows are there")
    assert told(toy) == []
    found = live(toy, right=2).results["monitor"]["probation"]
    assert (found["verdict"], champion(toy)) == ("better", 2)
    assert "of the loss of version 1 on 12 rows" in found["reasons"][0]
    assert found["reasons"][1].endswith("the training was worth it")
    assert ["was worth its training" in text for text in told(toy)] == [True]
    assert set(shadow(toy)["version"]) == {1}
    assert len(shadow(toy)) == WANTED
    live(toy, right=2, until=END + 3)
    assert len(shadow(toy)) == WANTED  # nobody asks it any more


def test_a_shadow_that_cannot_answer_is_in_nobodys_way(toy: Platform, twice: Path) -> None:
    source = toy.tracking.client.get_model_version("toy.a", "1").source.rpartition("/")[2]
    (file,) = twice.glob(f"mlflow-artifacts/**/{source}/**/model.json")
    whole = file.read_bytes()
    try:
        file.write_bytes(whole[:-9])
        _load_once.cache_clear()
        assert run(toy, "inference", PROMOTED + 1).status == "done"
        answered = run(toy, "inference", PROMOTED + 2)
        assert (answered.status, answered.results["score"]["live"]) == ("done", 2)
    finally:
        file.write_bytes(whole)
        _load_once.cache_clear()
    found = run(toy, "monitoring", PROMOTED + 2).results["monitor"]["probation"]
    assert (found["verdict"], champion(toy)) == ("undecided", 2)
    assert "version 1 can't answer beside it" in found["reasons"][0]
    run(toy, "inference", PROMOTED + 3)
    run(toy, "monitoring", PROMOTED + 3)
    assert len(told(toy)) == 1
    assert shadow(toy).empty


def test_a_person_who_goes_back_ends_it(toy: Platform) -> None:
    live(toy, right=1, until=END - 4)
    at = START + (END - 3) * DAY
    run_verb(toy, "rollback", ["a"], at=at, now=at)
    found = run(toy, "monitoring", END - 2).results["monitor"]
    assert (found["probation"], champion(toy)) == (None, 1)
    (ended,) = probations(toy)
    assert (ended.verdict, ended.reasons[0]) == ("superseded", "ended early: version 1 serves now")
    assert told(toy) == []
    assert run(toy, "train", END - 2, step="train").status == "done"  # what a person did rejects no recipe


def test_cut_off_before_the_champion_changes_it_converges(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(change_champion, "set_alias", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            live(toy, right=1)
    assert (champion(toy), probations(toy)[0].verdict) == (2, "worse")
    found = run(toy, "monitoring", END + 1).results["monitor"]
    assert (found["probation"]["verdict"], champion(toy)) == ("worse", 1)
    with toy.database.begin(writing=False) as connection:
        assert not read_decisions(connection, "toy", "a", state="intent")
    assert len(told(toy)) == 1


def test_who_serves_by_another_hand_is_not_rolled_back(toy: Platform) -> None:
    run(toy, "train", PROMOTED + 1, step="train")
    answer_and_score(toy, right=1)
    set_alias(toy.tracking, "toy.a", "champion", 3)
    found = watch_probation(at_day(toy, END))
    assert found is not None
    assert (found.verdict, champion(toy), probations(toy)) == ("running", 3, [])


def test_without_probation_nobody_answers_beside(toy: Platform) -> None:
    want(toy, 0)
    found = live(toy, right=1).results["monitor"]
    assert (found["probation"], champion(toy), len(shadow(toy))) == (None, 2, 0)


def test_after_a_champion_that_could_not_be_compared_nobody_answers_beside(toy: Platform) -> None:
    with toy.database.begin() as connection:
        promotion = read_flips(connection, "toy", "a")[-1]
        numbers = {name: value for name, value in promotion.numbers.items() if name != "against_champion"}
        record_decision(connection, replace(promotion, numbers={**numbers, "champion_damaged": True}))
    assert live(toy, right=1).results["monitor"]["probation"] is None
    assert (champion(toy), len(shadow(toy))) == (2, 0)


def test_a_training_in_vain_counts_as_a_refused_one(toy: Platform) -> None:
    live(toy, right=1)
    later = at_day(toy, END + 1)
    called = Decision(
        decision_id="call", project="toy", config="a", at=START + (PROMOTED - 1) * DAY, subject="retrain",
        verdict="retrain", reasons=[], numbers={}, cause="clock", decided_at=later.at,
    )  # fmt: skip
    with toy.database.begin() as connection:
        record_decision(connection, called)
        for row in list_rows(connection, RUN, where={"kind": "train", "at": START + PROMOTED * DAY}):
            write_row(connection, RUN, **{**row, "cause": "call"})
    toy.at_hand.clear()
    calls, promoted_before = read_calls(later)
    assert [call.state for call in calls] == ["refused"]
    assert list_attempts(calls, promoted_before=promoted_before) == [False, True]


def test_classes_that_wait_for_their_labels_are_paired_by_row(database: Database, home: Path) -> None:
    visits = open_visits(database, invent_visits(84))
    spec = visits.specs["shop"]
    for day, before, version in ((70, None, 1), (72, 1, 2)):
        run_at(visits, "train", day, step="train")
        moment = START + day * DAY
        later = Run(visits, spec, "train", "promote", moment, moment, "clock")
        promotion = make_decision(
            later, f"by hand {day}", subject="promotion", verdict="promoted", reasons=[],
            numbers={"challenger": version, "against_champion": {"ratio": 0.9}}, versions=(before, version),
        )  # fmt: skip
        change_champion.carry_out(later, promotion)
    answered = run_at(visits, "inference", 74).results["score"]
    assert answered["shadow"] > 0
    scored = run_at(visits, "inference", 82).results["score"]
    with database.begin(writing=False) as connection:
        shadow = read_rows(connection, spec.data.shadow)
        served = read_rows(connection, spec.data.predictions, where={"version": 2, "on_time": True})
    assert sorted(shadow["visit"]) == sorted(served["visit"])
    assert (shadow["predicted_no"] + shadow["predicted_yes"]).round(9).eq(1).all()
    paired = pair_with_shadow(Run(visits, spec, "monitoring", "monitor", START + 82 * DAY, START, "clock"), promotion)
    assert 0 < len(paired) < len(shadow)
    assert len(paired) <= scored["live"]
    odds = np.where(paired["truth"] == 1, paired["predicted_yes"], paired["predicted_no"])
    assert np.allclose(paired["shadow_loss"], -np.log(odds))
    assert (paired["loss"] != paired["shadow_loss"]).any()
