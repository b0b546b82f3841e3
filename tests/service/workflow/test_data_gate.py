"""Data that the step check finds unfit stops every training, whoever calls for it, until somebody forces one."""

from collections.abc import Callable
from datetime import datetime

import pytest

from db_handler.connection.database import Database
from db_handler.errors import AwayError, QuartetError
from db_handler.ledger.decisions import read_decisions
from service.contract.moment import write_at
from service.step import Run
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.training.history import find_last_training
from service.workflow.run_kind import run_kind
from tests.service.toy_world import DAY, START, open_toy

AT = START + 100 * DAY
UNFIT = "the last 6 candles are one price"


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def run(toy: Platform, kind: str, cause: str = "clock", force: str | None = None, at: datetime = AT) -> Outcome:
    return run_kind(toy, kind, ["a"], at=at, now=at, cause=cause, force=force)["a"]


def break_source(patch: pytest.MonkeyPatch, **trouble: str) -> None:
    patch.setattr("toy.core.preprocess.preprocess", lambda spec, run: {"until": run.at.isoformat(), **trouble})


@pytest.mark.parametrize(("kind", "checked"), [("broken", "failed"), ("unfit_to_train", "done")])
def test_whoever_calls_the_training_does_not_begin(
    toy: Platform, monkeypatch: pytest.MonkeyPatch, kind: str, checked: str
) -> None:
    break_source(monkeypatch, **{kind: UNFIT})
    assert run(toy, "data").status == checked
    for cause in ("clock", "person", "toy.a:1:retrain"):
        outcome = run(toy, "train", cause)
        assert (outcome.status, list(outcome.results)) == ("not_yet", ["train"])
        assert outcome.results["train"]["error"] == (
            f"toy.a is not trained, since its data is not fit to train on: {UNFIT}. Mend it and run data, or train "
            'all the same:  make run p=toy k=train c=a force="why"'
        )
    assert find_last_training(Run(toy, toy.specs["a"], "monitoring", "monitor", AT, AT, "clock")) is None

    break_source(monkeypatch)
    assert run(toy, "data").status == "done"
    assert run(toy, "train").results["promote"]["verdict"] == "promoted"


def test_data_that_did_not_come_any_more_stops_a_training(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest check was content: it says nothing about a load that failed since, or that is away for weeks."""

    def refuse(at: datetime) -> str:
        return run(toy, "train", at=at).results["train"].get("error", "")

    assert run(toy, "data").status == "done"
    monkeypatch.setattr("toy.core.load.load", fail_with(QuartetError("the source is broken")))
    assert run(toy, "data", at=AT + DAY).status == "failed"
    assert f"not fit to train on: load failed at {write_at(AT + DAY)}: the source is broken. Mend" in refuse(AT + DAY)
    monkeypatch.undo()
    run(toy, "data", at=AT + DAY)
    monkeypatch.setattr("toy.core.load.load", fail_with(AwayError("the source can't be reached")))
    assert run(toy, "data", at=AT + 9 * DAY).status == "away"
    assert refuse(AT + 8 * DAY) == ""
    old = f"the model rows end at {write_at(AT + DAY)}, 8 days before the moment asked for. Mend it and run data"
    assert old in refuse(AT + 9 * DAY)
    monkeypatch.undo()
    run(toy, "data", at=AT + 10 * DAY)
    assert refuse(AT + 9 * DAY) == ""  # it was filled up since


def fail_with(error: QuartetError) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_a_forced_training_keeps_the_reason(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    break_source(monkeypatch, broken=UNFIT)
    run(toy, "data")
    trained = run(toy, "train", "person", force="the exchange has confirmed it")
    kept = f"the exchange has confirmed it (the data: {UNFIT})"
    assert (trained.status, trained.results["train"]["forced"]) == ("done", kept)
    with toy.database.begin(writing=False) as connection:
        (decision,) = read_decisions(connection, "toy", "a", subject="promotion")
    assert f"trained by force: {kept}" in decision.reasons


def test_fit_data_needs_no_force(toy: Platform) -> None:
    run(toy, "data")
    assert "forced" not in run(toy, "train", "person", force="to be sure").results["train"]
