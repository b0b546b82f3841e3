"""What is killed, refused or not yet ends no loop: its decision ends, and the unit can be trained again."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, read_decisions, record_decision
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.ledger.runs import RunRow, finish_run, read_runs, start_run
from db_handler.ledger.workers import close_lost_runs, enlist_process
from db_handler.rows.single_rows import list_rows
from service.promotion.gather_evidence import find_drop
from service.step import Run
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.tracking.registry import _load_once, read_alias
from service.training.history import CALLS_AT_MOST, find_last_training, find_pending, list_attempts, read_calls
from service.workflow.run_kind import run_kind, run_verb
from tests.service.toy_world import CHANGE, DAY, START, live, open_toy

ROOT = Path(__file__).resolve().parents[3]
KILLED_IN_TRAINING = """
import os, signal
import toy.core.train as module
module.fit_model = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from db_handler.open_database import open_database
from service.workflow.run_kind import run_kind
from tests.service.toy_world import DAY, START, open_toy
at = START + {day} * DAY
run_kind(open_toy(open_database()), "monitoring", ["a"], at=at, now=at, cause="clock")
"""


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def train(toy: Platform, day: int, cause: str = "clock") -> Outcome:
    at = START + day * DAY
    return run_kind(toy, "train", ["a"], at=at, now=at, cause=cause)["a"]


def see(toy: Platform, day: int) -> Run:
    toy.at_hand.clear()
    at = START + day * DAY
    return Run(toy, toy.specs["a"], "monitoring", "monitor", at, at, "clock")


def call(toy: Platform, day: int, verdict: str = "retrain", **numbers: Any) -> str:
    """Note that monitoring called for a training."""
    at, name = START + day * DAY, f"toy.a:{day}:retrain"
    decision = Decision(
        decision_id=name, project="toy", config="a", at=at, subject="retrain", verdict=verdict, reasons=[],
        numbers=numbers, cause="clock", decided_at=at,
    )  # fmt: skip
    with toy.database.begin() as connection:
        record_decision(connection, decision)
    return name


def note_run(toy: Platform, day: int, cause: str, step: str, status: str, **result: Any) -> None:
    """Note a step of a training; without a status it stays under way."""
    at, run_id = START + day * DAY, f"{cause}:{step}:{status}"
    row = RunRow(
        run_id=run_id, project="toy", config="a", kind="train", step=step, at=at, cause=cause, started_at=at,
        worker=toy.worker,
    )  # fmt: skip
    with toy.database.begin() as connection:
        row = start_run(connection, row)
        if status != "running":
            finish_run(connection, replace(row, status=status, result=result or None))


def test_killed_in_the_middle_of_a_fit_the_same_decision_is_trained_a_day_later(
    toy: Platform,
) -> None:
    train(toy, 100)
    day = CHANGE + 40
    for played in range(101, day + 1):
        at = START + played * DAY
        run_kind(toy, "inference", ["a"], at=at, now=at, cause="clock")
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "projects")))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_IN_TRAINING.format(day=day)],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with toy.database.begin(writing=False) as connection:
        assert [row.step for row in read_runs(connection, project="toy", status="running")] == ["train"]

    found = live(toy, day + 1, day + 2)[day + 1]["a"]
    decision = f"toy.a:{START + day * DAY:%Y%m%dT%H%M%S}:retrain"
    assert found.results["monitor"]["verdict"] == "pending"
    assert "it was cut off or never began, and is called for again" in found.results["monitor"]["reasons"][-1]
    assert found.results["monitor"]["training_run"] == f"{decision}:2"
    assert found.results["retrain"]["promote"]["verdict"] == "promoted"
    with toy.database.begin(writing=False) as connection:
        assert not read_runs(connection, project="toy", status="running")
        lost = read_runs(connection, project="toy", status="lost")
        promoted = read_decisions(connection, "toy", "a", subject="promotion", verdict="promoted")
    assert [(row.cause, "ended without a word" in (row.error or "")) for row in lost] == [(decision, True)]
    assert promoted[-1].cause == decision


def test_only_the_runs_of_processes_that_are_gone_are_lost(database: Database) -> None:
    alive = enlist_process(database)
    at = START
    with database.begin() as connection:
        for name, worker in (("mine", alive), ("gone", "elsewhere:1:abc"), ("unknown", None)):
            unit = {"project": "toy", "config": "a", "kind": "data", "step": name, "at": at, "cause": "clock"}
            start_run(connection, RunRow(run_id=name, started_at=at, worker=worker, **unit))  # type: ignore[arg-type]
    close_lost_runs(database, "toy")
    with database.begin(writing=False) as connection:
        statuses = {row.run_id: row.status for row in read_runs(connection, project="toy")}
    assert statuses == {"mine": "running", "gone": "lost", "unknown": "lost"}


@pytest.mark.parametrize(
    ("step", "status", "verdict", "state", "pending"),
    [
        ("promote", "done", "kept", "refused", False),
        ("promote", "done", "waiting", "passed", False),
        ("promote", "done", "superseded", "passed", False),
        ("train", "failed", None, "failed", False),
        ("train", "not_yet", None, "passed", False),
        ("train", "running", None, "running", True),
        ("train", "lost", None, "open", True),
        ("train", "away", None, "open", True),
        ("evaluate", "done", None, "open", True),
    ],
)
def test_however_a_training_ends_its_decision_ends(
    toy: Platform, step: str, status: str, verdict: str | None, state: str, pending: bool
) -> None:
    decision = call(toy, 10)
    note_run(toy, 10, decision, step, status, **({"verdict": verdict} if verdict else {}))
    calls, _ = read_calls(see(toy, 11))
    assert [(found.decision_id, found.state) for found in calls] == [(decision, state)]
    assert (find_pending(calls) is not None) == pending


@pytest.mark.parametrize(("status", "state"), [("failed", "failed"), ("not_yet", "passed"), ("lost", "open")])
def test_of_the_steps_of_one_command_the_last_says_how_a_training_ended(toy: Platform, status: str, state: str) -> None:
    decision = call(toy, 10)
    for step, ended in (("train", "done"), ("evaluate", "done"), ("promote", status)):
        note_run(toy, 10, decision, step, ended)
    (found,), _ = read_calls(see(toy, 11))
    assert (found.state, found.cut_off) == (state, status == "lost")


def test_a_call_that_never_begins_is_made_three_times_and_then_has_failed(toy: Platform) -> None:
    decision = call(toy, 10)
    for again in range(1, CALLS_AT_MOST):
        calls, _ = read_calls(see(toy, 10 + again))
        assert find_pending(calls) is not None
        call(toy, 10 + again, "pending", calls_again=decision)
    calls, promoted = read_calls(see(toy, 20))
    assert find_pending(calls) is None
    assert list_attempts(calls, promoted_before=promoted) == [False]


def test_a_promotion_by_whomever_begins_the_count_anew(toy: Platform) -> None:
    for day in (10, 11, 12):
        note_run(toy, day, call(toy, day), "promote", "done", verdict="kept")
    calls, promoted = read_calls(see(toy, 13))
    assert list_attempts(calls, promoted_before=promoted) == [False] * 3
    assert train(toy, 100, cause="person").results["promote"]["verdict"] == "promoted"
    calls, promoted = read_calls(see(toy, 101))
    assert list_attempts(calls, promoted_before=promoted) == [True]
    note_run(toy, 102, call(toy, 102), "promote", "done", verdict="waiting")
    calls, promoted = read_calls(see(toy, 103))
    assert list_attempts(calls, promoted_before=promoted) == [True]


def test_a_person_lets_a_unit_go_on(toy: Platform) -> None:
    for day in (10, 11, 12):
        note_run(toy, day, call(toy, day), "promote", "done", verdict="kept")
    at = START + 13 * DAY
    outcome = run_verb(toy, "resume", ["a"], at=at, now=at)["a"]
    assert (outcome.status, outcome.results["resume"]["forgiven"]) == ("done", 3)
    calls, promoted = read_calls(see(toy, 14))
    assert list_attempts(calls, promoted_before=promoted) == [True]
    again = run_verb(toy, "resume", ["a"], at=START + 14 * DAY, now=START + 14 * DAY)["a"].results["resume"]
    assert (again["decision_id"], again["forgiven"]) == (None, 0)
    assert "goes on by itself already" in again["reasons"][0]
    with toy.database.begin(writing=False) as connection:
        assert len(read_decisions(connection, "toy", subject="resume")) == 1


def test_a_person_who_looked_lets_it_try_anew(toy: Platform) -> None:
    since = (START + 9 * DAY).isoformat()
    evidence = pd.DataFrame({"target_slot": pd.to_datetime([START, START + 12 * DAY])})

    def count_tries(day: int) -> int:
        asked: Any = SimpleNamespace(cause=call(toy, day, since=since), at=START + day * DAY)
        drop = find_drop(see(toy, day), asked, evidence)
        return -1 if drop is None else drop.tries

    for day in (10, 11, 12):
        cause, at = call(toy, day, since=since), START + day * DAY
        note_run(toy, day, cause, "promote", "done", verdict="kept")
        kept = Decision(
            decision_id=f"kept-{day}", project="toy", config="a", at=at, subject="promotion", verdict="kept",
            reasons=[], numbers={}, cause=cause, decided_at=at,
        )  # fmt: skip
        with toy.database.begin() as connection:
            record_decision(connection, kept)
    assert count_tries(13) == 3
    run_verb(toy, "resume", ["a"], at=START + 14 * DAY, now=START + 14 * DAY)
    assert count_tries(15) == 0


def damage_champion(toy: Platform, home: Path) -> None:
    """Cut off a file of every model that was stored."""
    for file in home.glob("mlflow-artifacts/**/model.json"):
        file.write_bytes(file.read_bytes()[:-9])
    _load_once.cache_clear()


def test_a_damaged_champion_is_watched_and_can_be_followed(toy: Platform, home: Path) -> None:
    train(toy, 100)
    live(toy, 101, 103)
    damage_champion(toy, home)
    at = START + 103 * DAY
    monitored = run_kind(toy, "monitoring", ["a"], at=at, now=at, cause="clock")["a"]
    assert (monitored.status, monitored.results["monitor"]["version"]) == ("done", 1)
    followed = train(toy, 110).results["promote"]
    assert followed["verdict"] == "promoted"
    assert "the champion can't be loaded, the rules alone are held against its successor" in "; ".join(
        followed["reasons"]
    )
    assert read_alias(toy.tracking, "toy.a", "champion") == 2


def test_promoting_what_serves_changes_nothing_and_says_so(toy: Platform) -> None:
    train(toy, 60)
    train(toy, 110)
    aliases = {name: read_alias(toy.tracking, "toy.a", name) for name in ("champion", "previous_champion")}
    assert aliases == {"champion": 2, "previous_champion": 1}
    at = START + 111 * DAY
    answer = run_verb(toy, "promote", ["a"], at=at, now=at)["a"].results["promote"]
    assert (answer["verdict"], answer["reasons"]) == ("serving", ["version 2 serves already"])
    assert answer["decision_id"] is None
    with toy.database.begin(writing=False) as connection:
        assert not read_decisions(connection, "toy", verdict="serving")
        assert len(list_rows(connection, MESSAGE)) == 2  # of the two trainings
    assert {name: read_alias(toy.tracking, "toy.a", name) for name in aliases} == aliases
    assert run_verb(toy, "rollback", ["a"], at=at, now=at)["a"].results["rollback"]["version_after"] == 1


def test_promoting_by_hand_is_no_training_that_others_wait_for(toy: Platform) -> None:
    train(toy, 60)
    at = START + 90 * DAY
    run_verb(toy, "promote", ["a"], at=at, now=at)
    assert find_last_training(see(toy, 91)) == START + 60 * DAY


def test_a_training_that_waits_for_its_turn_is_not_called_for_again_at_once(toy: Platform) -> None:
    decision = call(toy, 10)
    (found,), _ = read_calls(see(toy, 11))
    called = START + 10 * DAY
    assert not found.is_overdue(called + timedelta(hours=4))
    assert found.is_overdue(called + timedelta(hours=6))
    note_run(toy, 10, decision, "train", "lost")
    (found,), _ = read_calls(see(toy, 11))
    assert found.is_overdue(called + timedelta(hours=4))


def test_an_error_that_is_no_text_closes_its_row(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(os.fsdecode(b"caf\xe9.csv"))

    monkeypatch.setattr("toy.core.load.load", fail)
    at = START + 10 * DAY
    outcomes = run_kind(toy, "data", ["a", "b"], step="load", at=at, now=at)
    assert [outcome.status for outcome in outcomes.values()] == ["failed", "failed"]
    with toy.database.begin(writing=False) as connection:
        assert [row.status for row in read_runs(connection, project="toy")] == ["failed", "failed"]
