"""The loop on the toy project, on a real MLflow and database: first champion, live, change, retrain, rollback."""

from datetime import timedelta
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.ledger.decisions import Decision, read_decisions, read_flips
from service.promotion import change_champion, promote
from service.step.platform import Platform
from service.tracking.registry import read_alias, set_alias
from service.workflow.run_kind import run_kind, run_verb
from tests.service.toy_world import CHANGE, DAY, START, live, open_toy


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def train(toy: Platform, day: int, config: str = "a", cause: str = "clock", now: int | None = None) -> dict[str, Any]:
    at = START + day * DAY
    outcome = run_kind(toy, "train", [config], at=at, now=START + (now or day) * DAY, cause=cause)[config]
    return outcome.to_plain()


def alias(toy: Platform, name: str = "champion", config: str = "a") -> int | None:
    return read_alias(toy.tracking, f"toy.{config}", name)


def test_the_first_champion_beats_the_rules_and_serves(toy: Platform) -> None:
    found = train(toy, 100)
    assert found["status"] == "done"
    assert found["promote"]["verdict"] == "promoted"
    assert found["promote"]["numbers"]["against_zero"]["p"] < 0.05
    assert "reproduces its predictions" in "; ".join(found["promote"]["reasons"])
    assert alias(toy) == alias(toy, "challenger") == 1


def test_the_same_training_again_answers_with_what_is_there(toy: Platform) -> None:
    first, again = train(toy, 100), train(toy, 100)
    assert again["train"] == first["train"]
    assert again["promote"] == first["promote"]
    assert alias(toy) == 1


def test_the_clock_needs_no_better_model_only_one_that_is_not_worse(toy: Platform) -> None:
    train(toy, 60)
    found = train(toy, 110)
    assert found["promote"]["verdict"] == "promoted"
    assert any("not worse than the champion" in reason for reason in found["promote"]["reasons"])
    assert (alias(toy), alias(toy, "previous_champion")) == (2, 1)


def test_too_few_rows_that_both_have_not_seen_keep_the_champion(toy: Platform) -> None:
    train(toy, 100)
    found = train(toy, 110)
    assert found["promote"]["verdict"] == "too_early"
    assert any("not enough evidence against the champion" in reason for reason in found["promote"]["reasons"])
    assert alias(toy) == 1


def test_a_change_is_found_told_and_answered_with_a_better_champion(toy: Platform) -> None:
    train(toy, 100)
    found = live(toy, 101, CHANGE + 40)
    verdicts = {day: outcomes["a"].results.get("monitor", {}).get("verdict") for day, outcomes in found.items()}
    retrains = [day for day, verdict in verdicts.items() if verdict == "retrain"]
    assert retrains
    assert min(retrains) > CHANGE
    assert not any(verdict == "retrain" for day, verdict in verdicts.items() if day < CHANGE)
    retrain = found[retrains[-1]]["a"].results["retrain"]
    assert retrain["promote"]["verdict"] == "promoted"
    assert any("better than the champion since the change" in reason for reason in retrain["promote"]["reasons"])
    with toy.database.begin() as connection:
        assert [flip.version_after for flip in read_flips(connection, "toy", "a")] == [1, alias(toy)]


def test_a_check_that_is_asked_again_stays_what_it_was(toy: Platform) -> None:
    train(toy, 100)
    found = live(toy, 101, CHANGE + 20)
    day = next(d for d, o in found.items() if o["a"].results.get("monitor", {}).get("verdict") == "retrain")
    at, version = START + day * DAY, alias(toy)
    again = run_kind(toy, "monitoring", ["a"], at=at, now=at, cause="clock")["a"]
    assert again.results["monitor"] == found[day]["a"].results["monitor"]
    assert again.results["retrain"]["train"] == found[day]["a"].results["retrain"]["train"]
    assert alias(toy) == version


def test_a_past_moment_records_its_decision_and_triggers_nothing(toy: Platform) -> None:
    train(toy, 100)
    live(toy, 101, CHANGE + 8)
    at = START + (CHANGE + 16) * DAY
    for day in range(CHANGE + 8, CHANGE + 16):
        run_kind(toy, "inference", ["a"], at=START + day * DAY, now=START + day * DAY)
    run_kind(toy, "inference", ["a"], at=at, now=at)
    found = run_kind(toy, "monitoring", ["a"], at=at, now=at + 30 * DAY)["a"]
    assert found.results["monitor"]["verdict"] == "retrain"
    assert "retrain" not in found.results
    with toy.database.begin() as connection:
        assert [d.past for d in read_decisions(connection, "toy", "a", subject="retrain", since=at)] == [True]


def test_a_person_has_the_last_word_where_the_config_says_so(toy: Platform) -> None:
    assert train(toy, 100, "b")["promote"]["verdict"] == "waiting"
    assert alias(toy, config="b") is None
    at = START + 100 * DAY
    found = run_verb(toy, "promote", ["b"], at=at, now=at)["b"].results["promote"]
    assert found["verdict"] == "promoted"
    assert alias(toy, config="b") == 1


def test_what_is_trained_once_is_left_out_by_the_clock(toy: Platform) -> None:
    train(toy, 100, "b")
    at = START + 100 * DAY
    run_verb(toy, "promote", ["b"], at=at, now=at)
    found = train(toy, 130, "b")
    assert found["status"] == "not_yet"
    assert "is trained once" in found["train"]["error"]
    assert train(toy, 130, "b", cause="person")["status"] == "done"


def test_rollback_puts_the_previous_champion_back_at_once(toy: Platform) -> None:
    train(toy, 60)
    train(toy, 110)
    at = START + 111 * DAY
    found = run_verb(toy, "rollback", ["a"], at=at, now=at, cause="person")["a"].results["rollback"]
    assert found["verdict"] == "rolled_back"
    assert (alias(toy), alias(toy, "previous_champion")) == (1, 2)


def test_without_a_previous_champion_rollback_is_not_yet(toy: Platform) -> None:
    at = START + 101 * DAY
    nobody = run_verb(toy, "rollback", ["a"], at=at, now=at)["a"]
    assert (nobody.status, "has no champion yet" in nobody.results["rollback"]["error"]) == ("not_yet", True)
    train(toy, 100)
    outcome = run_verb(toy, "rollback", ["a"], at=at, now=at)["a"]
    assert outcome.status == "not_yet"
    assert "no previous champion" in outcome.results["rollback"]["error"]


@pytest.mark.parametrize("survives", range(4))
def test_a_promotion_cut_off_at_any_point_converges(
    toy: Platform, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    """Cut after the intent, after the old alias, after the flip, and before the last word (fault 23)."""
    train(toy, 60)
    calls = 0

    def cut(work: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            if calls == survives:
                raise KeyboardInterrupt
            calls += 1
            return work(*args, **kwargs)

        return wrapped

    with monkeypatch.context() as patch:
        patch.setattr(change_champion, "set_alias", cut(change_champion.set_alias))
        for module in (promote, change_champion):
            patch.setattr(module, "save_decision", cut(module.save_decision))
        with pytest.raises(KeyboardInterrupt):
            train(toy, 110)
    assert train(toy, 110)["promote"]["verdict"] == "promoted"
    assert (alias(toy), alias(toy, "previous_champion")) == (2, 1)
    with toy.database.begin() as connection:
        assert not read_decisions(connection, "toy", "a", state="intent")


def test_a_crash_after_the_intent_is_put_right_by_the_next_check(
    toy: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(toy, 60)
    with monkeypatch.context() as patch:
        patch.setattr(change_champion, "set_alias", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            train(toy, 110)
    assert alias(toy) == 1
    at = START + 111 * DAY
    run_kind(toy, "monitoring", ["a"], at=at, now=at)
    assert alias(toy) == 2


def test_who_comes_second_is_recorded_as_superseded(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    train(toy, 60)
    train(toy, 62, cause="person")  # version 2, kept for want of evidence
    real = promote.save_decision

    def meanwhile(run: Any, decision: Decision) -> Decision:
        if decision.state == "intent":
            set_alias(toy.tracking, "toy.a", "champion", 2)
        return real(run, decision)

    monkeypatch.setattr(promote, "save_decision", meanwhile)
    found = train(toy, 110)["promote"]
    assert found["verdict"] == "superseded"
    assert alias(toy) == 2


def test_a_training_for_an_earlier_moment_does_not_replace_a_later_champion(toy: Platform) -> None:
    train(toy, 140)
    found = train(toy, 100, now=140)
    assert found["promote"]["verdict"] in ("superseded", "too_early")
    assert alias(toy) == 1


def test_one_failed_config_stops_no_other_and_a_bug_is_one_sentence(toy: Platform) -> None:
    at = START.replace(year=1999)
    outcomes = run_kind(toy, "data", ["a", "b"], step="load", at=at, now=at)
    assert outcomes["a"].to_plain() == {"status": "failed", "load": {"error": "toy.a: the source is broken"}}
    assert outcomes["b"].status == "done"
    bug = run_kind(toy, "data", ["a"], step="load", at=START.replace(year=1998), now=at)["a"].results["load"]["error"]
    assert bug.startswith("toy.a: load met ValueError in load.py, line")
    assert "\n" not in bug


def test_one_alert_an_incident(toy: Platform) -> None:
    at = START.replace(year=1999)
    for hours in range(3):
        run_kind(toy, "data", ["a"], step="load", at=at + timedelta(hours=hours), now=at)
    assert toy.messenger.flush().total() == 1


def test_without_a_champion_it_is_not_yet(toy: Platform) -> None:
    outcome = run_kind(toy, "inference", ["a"], at=START, now=START)["a"]
    assert outcome.status == "not_yet"
    assert "has no champion" in outcome.results["inference"]["error"]
    assert outcome.results["inference"]["error"].endswith("yet: run train first")


def test_where_a_champion_is_missed_the_judgement_of_the_last_version_says_why(toy: Platform) -> None:
    assert train(toy, 100, "b")["promote"]["verdict"] == "waiting"
    at = START + 101 * DAY
    said = run_kind(toy, "inference", ["b"], at=at, now=at)["b"].results["inference"]["error"]
    assert said.endswith("yet: version 1 was not promoted (passed, and waits for a person: promote --config b)")
