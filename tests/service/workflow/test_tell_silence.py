"""What stops without a failure is told once: rows, labels, a step that never comes to its end, a process that hangs."""

from dataclasses import replace
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, record_decision
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.ledger.runs import RunRow, finish_run, start_run
from db_handler.rows.single_rows import list_rows
from messenger.failure_alert import put_failure
from service.step.platform import Platform
from service.workflow.run_kind import run_kind
from service.workflow.tell_silence import tell_silence
from tests.service.toy_world import DAY, START, open_toy

FED: dict[str, dict[str, Any]] = {"load": {"rows": 1, "labels": 1}, "preprocess": {"inserted": 1}}


@pytest.fixture
def toy(database: Database) -> Platform:
    """The toy, whose unit a has had a champion since day 5."""
    toy, at = open_toy(database), START + 5 * DAY
    promotion = Decision(
        decision_id="p", project="toy", config="a", at=at, subject="promotion", verdict="promoted", reasons=[],
        numbers={}, cause="clock", decided_at=at, version_after=1,
    )  # fmt: skip
    with database.begin() as connection:
        record_decision(connection, promotion)
    return toy


def note(
    toy: Platform, day: int, step: str, status: str = "done", result: Any = None, error: str | None = None
) -> None:
    at = START + day * DAY
    row = RunRow(
        run_id=f"{step}:{day}", project="toy", config="a", kind="data", step=step, at=at, cause="clock", started_at=at,
        worker=toy.worker,
    )  # fmt: skip
    with toy.database.begin() as connection:
        row = start_run(connection, row)
        if status != "running":
            finish_run(connection, replace(row, status=status, result=result, error=error))


def feed(toy: Platform, *days: int, **other: dict[str, Any]) -> None:
    for day in days:
        for step, result in (FED | other).items():
            note(toy, day, step, result=result)


def look(toy: Platform, *days: int) -> None:
    for day in days:
        tell_silence(toy, ["a", "b"], at=START + day * DAY, now=START + day * DAY)


def read_messages(toy: Platform) -> dict[str, str]:
    with toy.database.begin(writing=False) as connection:
        rows = list_rows(connection, MESSAGE, order_by=("created_at", "at"))
    assert {row["urgency"] for row in rows} <= {"alert"}
    return {row["message_id"]: row["text"] for row in rows}


def collect_nothing(toy: Platform, *days: int) -> None:
    """Run the whole kind, which finds nothing and is done."""
    for day in days:
        at = START + day * DAY
        assert run_kind(toy, "data", ["a", "b"], at=at, now=at, cause="clock")["a"].status == "done"


def test_rows_that_come_no_more_are_told_once_an_incident(toy: Platform) -> None:
    feed(toy, 10, 11, 12)
    collect_nothing(toy, 13, 14, 15, 16)
    assert read_messages(toy) == {}
    collect_nothing(toy, 17, 18, 19)
    ((name, text),) = read_messages(toy).items()
    assert name == "silence:toy.a:rows:2025-01-13T00:00Z"
    assert "no new rows since 2025-01-13T00:00Z, and by what came before, 3 days at most lie between" in text
    feed(toy, 20)
    collect_nothing(toy, *range(21, 60))
    assert [name[-17:] for name in read_messages(toy)] == ["2025-01-13T00:00Z", "2025-01-21T00:00Z"]


def test_rows_that_come_irregularly_and_a_time_without_tries_raise_no_alarm(toy: Platform) -> None:
    feed(toy, 10, 11, 21)
    collect_nothing(toy, *range(22, 52))
    feed(toy, 52, 53)
    collect_nothing(toy, 200)
    assert read_messages(toy) == {}


def test_it_takes_three_arrivals_to_know_how_often_rows_come(toy: Platform) -> None:
    feed(toy, 10, 40)
    collect_nothing(toy, *range(41, 80))
    assert read_messages(toy) == {}


def test_labels_that_come_no_more_are_told_where_rows_still_come(toy: Platform) -> None:
    spec = toy.specs["a"]
    toy.specs = {**toy.specs, "a": replace(spec, data=spec.data.model_copy(update={"label_delay": 7 * DAY}))}
    feed(toy, 10, 11, 12)
    feed(toy, *range(13, 30), load={"rows": 1, "labels": 0})
    look(toy, *range(13, 24))
    assert read_messages(toy) == {}
    look(toy, *range(24, 30))
    ((name, text),) = read_messages(toy).items()
    assert name == "silence:toy.a:labels:2025-01-13T00:00Z"
    assert "10 days at most" in text


def test_a_step_that_never_comes_to_its_end_is_told_as_its_failure_would_be(toy: Platform) -> None:
    note(toy, 10, "load", result={"rows": 1})
    for day in range(20, 25):
        note(toy, day, "load", "away", error="the exchange is away")
        note(toy, day, "inference", "not_yet", error="too old")
    look(toy, 20, 22, 23)
    assert read_messages(toy) == {}
    look(toy, 24)
    put_failure(toy.messenger, toy.database, project="toy", config="a", step="load", at=START, sentence="broken")
    messages = read_messages(toy)
    assert set(messages) == {"failure:toy.a:load:2025-01-11T00:00:00Z", "failure:toy.a:inference:first"}
    assert "it was tried for 4 days and never done: the exchange is away" in next(
        text for name, text in messages.items() if ":load:" in name
    )


def test_a_process_that_hangs_is_named_where_no_scheduler_ends_it(
    toy: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(toy, 10, "train", "running")
    look(toy, 11)
    monkeypatch.setenv("QUARTET_ALERTS", "later")
    look(toy, 12)
    assert read_messages(toy) == {}
    monkeypatch.delenv("QUARTET_ALERTS")
    look(toy, 12, 13)
    (text,) = read_messages(toy).values()
    assert f"process {toy.worker.split(':')[1]} on {toy.worker.split(':')[0]} has been at it since 2025-01-11" in text


def test_past_moments_and_units_without_a_champion_are_left_alone(toy: Platform) -> None:
    for day in (0, 2, 4):
        note(toy, day, "load", "away")
    look(toy, 4)
    for day in (10, 20):
        note(toy, day, "load", "away")
    tell_silence(toy, ["a"], at=START + 20 * DAY, now=START + 40 * DAY)
    assert read_messages(toy) == {}
