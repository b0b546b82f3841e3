"""Who hears of what: one message a moment about retrains, one a decision, one a champion for a human."""

from dataclasses import replace
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, record_decision
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.rows.single_rows import list_rows
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.workflow.announce import tell_monitoring, tell_promotions, tell_retrains
from service.workflow.run_kind import run_kind, run_verb
from tests.service.toy_world import CHANGE, DAY, START, open_toy

AT = START + 100 * DAY
NUMBERS = {"challenger": 3, "against_zero": {"ratio": 0.5, "p": 0.001, "rows": 90}, "reload_distance": 0.0}
PROMOTION = {
    "decision_id": "toy.a:20250411T000000:promotion:3", "verdict": "promoted", "version": 3, "version_before": 2,
    "numbers": NUMBERS, "reasons": ["beats zero"],
}  # fmt: skip


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def read_messages(toy: Platform) -> list[dict[str, Any]]:
    with toy.database.begin(writing=False) as connection:
        return list_rows(connection, MESSAGE)


def test_the_retrains_of_a_moment_are_one_message_that_names_their_units(toy: Platform) -> None:
    found = {
        config: {"windows": [{"ratio": 1.3}, {"ratio": None}], "reasons": ["loss"], "decision_id": f"{config}:retrain"}
        for config in ("a", "b")
    }
    for _ in range(2):
        tell_retrains(toy, found, AT)
    (message,) = read_messages(toy)
    assert message["urgency"] == "alert"
    assert "toy.a" in message["text"]
    assert "toy.b" in message["text"]


def test_a_promotion_is_told_once_and_what_has_no_verdict_is_not(toy: Platform) -> None:
    outcomes = {
        "a": Outcome("done", {"promote": PROMOTION}),
        "b": Outcome("not_yet", {"train": {"error": "too early"}}),
    }
    for _ in range(2):
        tell_promotions(toy, outcomes, AT)
    (message,) = read_messages(toy)
    assert message["message_id"] == PROMOTION["decision_id"]
    assert "toy.a" in message["text"]
    assert "beats zero" in message["text"]


def test_drift_is_warned_of_once_for_each_champion(toy: Platform) -> None:
    for version, drifted in ((1, ["level"]), (1, ["level"]), (2, [])):
        answer = {"drifted": drifted, "unwatched": [], "version": version, "verdict": "no", "calls_for_training": None}
        tell_monitoring(toy, {"a": Outcome("done", {"monitor": answer}), "b": Outcome("failed")}, AT)
    assert [(message["message_id"], message["urgency"]) for message in read_messages(toy)] == [
        ("drift:toy.a:1", "info")
    ]


def test_where_labels_come_late_rows_and_answers_that_both_moved_are_an_alert(toy: Platform) -> None:
    spec = toy.specs["a"]
    late = replace(spec, data=spec.data.model_copy(update={"label_delay": 28 * DAY}))
    toy.specs = {**toy.specs, "a": late}
    answer = {"unwatched": ["slow"], "version": 1, "verdict": "no", "calls_for_training": None}
    for drifted in (["level"], ["level", "the answers"]):
        tell_monitoring(toy, {"a": Outcome("done", {"monitor": {**answer, "drifted": drifted}})}, AT)
    found = {message["message_id"]: message for message in read_messages(toy)}
    assert {name: message["urgency"] for name, message in found.items()} == {
        "drift:toy.a:1": "info", "drift:toy.a:1:both": "alert", "unwatched:toy.a:slow": "info"
    }  # fmt: skip
    assert "28 days late" in found["drift:toy.a:1:both"]["text"]
    assert "drift of slow can't be told from chance" in found["unwatched:toy.a:slow"]["text"]


def check(toy: Platform, day: int, verdict: str, version: int = 1) -> None:
    """Have monitoring answer on a day, and tell of it."""
    at, name = START + day * DAY, f"toy.a:{day}:retrain"
    reasons = ["3 retrains in a row were not promoted"]
    decision = Decision(
        decision_id=name, project="toy", config="a", at=at, subject="retrain", verdict=verdict, reasons=reasons,
        numbers={}, cause="clock", decided_at=at,
    )  # fmt: skip
    found = {"verdict": verdict, "reasons": reasons, "version": version}
    answer = {**found, "drifted": [], "unwatched": [], "calls_for_training": None}
    toy.database.retry(lambda connection: record_decision(connection, decision))
    tell_monitoring(toy, {"a": Outcome("done", {"monitor": answer}), "b": Outcome("failed")}, at)


def list_told(toy: Platform) -> list[str]:
    return sorted(message["message_id"] for message in read_messages(toy))


def test_a_person_is_asked_once_for_each_champion(toy: Platform) -> None:
    for day, version in ((1, 1), (1, 1), (2, 1), (3, 2)):
        check(toy, day, "ask_a_human", version)
    assert [name.rsplit(":2025", 1)[0] for name in list_told(toy)] == ["ask:toy.a:1", "ask:toy.a:2"]


def test_a_person_is_asked_again_when_it_begins_anew(toy: Platform) -> None:
    window = toy.specs["a"].monitoring.window_days
    asked = "ask_a_human"
    for day, verdict in enumerate(["no", asked, *["no"] * (window - 1), asked, *["no"] * (window + 1), asked, asked]):
        check(toy, day, verdict)
    began = [START + day * DAY for day in (1, 3 + 2 * window)]
    assert list_told(toy) == [f"ask:toy.a:1:{at:%Y-%m-%dT%H:%MZ}" for at in began]


def test_a_person_is_asked_once_by_checks_that_are_further_apart_than_a_window(toy: Platform) -> None:
    for day in (1, 31, 61):
        check(toy, day, "ask_a_human")
    assert len(list_told(toy)) == 1


def find_alarm(toy: Platform) -> Any:
    """Play day after day, monitor as a step, until it calls for a training."""
    run_kind(toy, "train", ["a"], at=AT, now=AT, cause="clock")
    for day in range(101, CHANGE + 40):
        at = START + day * DAY
        run_kind(toy, "inference", ["a"], at=at, now=at, cause="clock")
        found = run_kind(toy, "monitoring", ["a"], step="monitor", at=at, now=at, cause="clock")["a"]
        if found.results["monitor"]["calls_for_training"]:
            return at
    raise AssertionError("the alarm was not raised")


def test_what_the_step_monitor_left_is_told_once_and_its_trainings_are_named(toy: Platform) -> None:
    at = find_alarm(toy)
    before = len(read_messages(toy))
    for _ in range(2):
        found = run_verb(toy, "announce", ["a", "b"], at=at, now=at)
    decision = f"toy.a:{at:%Y%m%dT%H%M%S}:retrain"
    call = {"calls_for_training": decision, "training_run": decision}
    assert found["a"].to_plain() == {"status": "done", **call}
    assert (found["b"].status, found["b"].results["error"]) == (
        "not_yet",
        f"toy.b: monitor is not done at {at:%Y-%m-%dT%H:%MZ}, run it first",
    )
    told = {message["message_id"] for message in read_messages(toy)}
    assert f"retrain:toy:{at:%Y-%m-%dT%H:%MZ}:a" in told
    assert len(told) == before + 1


def test_more_units_than_an_id_can_name_are_told_of_once_each(toy: Platform) -> None:
    names = [f"market_krw_{place:03d}" for place in range(40)]
    toy.specs = {**toy.specs, **dict.fromkeys(names, toy.specs["a"])}
    answers: Any = {name: {"windows": [], "reasons": ["the loss grew"], "decision_id": "toy:retrain"} for name in names}
    for _ in range(3):
        tell_retrains(toy, answers, AT)
    told = [message["message_id"].removeprefix(f"retrain:toy:{AT:%Y-%m-%dT%H:%MZ}:") for message in read_messages(toy)]
    assert sorted(",".join(told).split(",")) == names
    assert len(told) == 3


def test_two_commands_of_one_moment_tell_of_each_unit_once(toy: Platform) -> None:
    answers: Any = {
        config: {"windows": [], "reasons": ["the loss grew"], "decision_id": f"toy.{config}:retrain"} for config in "ab"
    }
    tell_retrains(toy, {"b": answers["b"]}, AT)
    for _ in range(2):
        tell_retrains(toy, answers, AT)
    texts = [message["text"] for message in read_messages(toy)]
    assert sorted(("toy.a" in text, "toy.b" in text) for text in texts) == [(False, True), (True, False)]
    tell_retrains(toy, answers, AT + DAY)
    (later,) = [message["text"] for message in read_messages(toy) if message["at"] == AT + DAY]
    assert "toy.a" in later
    assert "toy.b" in later


def test_the_kind_as_a_whole_tells_the_same(toy: Platform) -> None:
    at = find_alarm(toy)
    run_verb(toy, "announce", ["a"], at=at, now=at)
    told = [message["message_id"] for message in read_messages(toy)]
    found = run_kind(toy, "monitoring", ["a"], at=at, now=at, cause="clock")["a"]
    again = [message["message_id"] for message in read_messages(toy)]
    assert again == [*told, found.results["retrain"]["promote"]["decision_id"]]


def test_a_calm_moment_calls_for_nothing(toy: Platform) -> None:
    run_kind(toy, "train", ["a"], at=AT, now=AT, cause="clock")
    run_kind(toy, "monitoring", ["a"], step="monitor", at=AT, now=AT, cause="clock")
    before = read_messages(toy)
    found = run_verb(toy, "announce", ["a"], at=AT, now=AT)["a"]
    assert found.to_plain() == {"status": "done", "calls_for_training": None, "training_run": None}
    assert read_messages(toy) == before
