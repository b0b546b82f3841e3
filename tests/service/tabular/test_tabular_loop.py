"""Rows that stand by themselves through the loop: waiting, answered once, labels that come late, a change noticed."""

from importlib import import_module
from typing import Any

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.rows.changed_rows import read_changed_rows
from db_handler.rows.frames import delete_rows, read_rows, upsert_rows
from db_handler.rows.single_rows import list_rows
from service.monitoring.check import check
from service.spec.targets import hide_later_labels
from service.statistics.drift import measure_drift, prepare_references
from service.step import Run
from service.step.platform import Platform
from service.workflow.run_kind import run_verb
from tests.service.visits_world import DAY, DELAY, START, VISITS, invent_visits, open_visits, run_at

TRAINED = 70


@pytest.fixture
def visits(database: Database) -> Platform:
    return open_visits(database, invent_visits(110))


def predictions(visits: Platform) -> pd.DataFrame:
    with visits.database.begin(writing=False) as connection:
        return read_rows(connection, visits.specs["shop"].data.predictions)


def test_without_a_champion_rows_wait_and_are_counted(visits: Platform) -> None:
    found = run_at(visits, "inference", 20)
    assert found.status == "not_yet"
    assert f"{7 * VISITS} rows wait" in found.results["inference"]["error"]


def test_each_row_is_answered_once_and_none_that_was_trained_on(visits: Platform) -> None:
    trained = run_at(visits, "train", TRAINED)
    assert trained.results["promote"]["verdict"] == "promoted", trained.results
    found = run_at(visits, "inference", TRAINED + 2)
    waited = 7 * VISITS  # their labels had not come when the champion was trained
    assert found.results["inference"] == {
        "predicted": waited + 2 * VISITS, "late": 2 * VISITS, "version": 1, "stale": False
    }  # fmt: skip
    first = predictions(visits)
    assert first["came_at"].min() >= START + TRAINED * DAY - DELAY
    assert (first.filter(like="predicted_").sum(axis=1).round(9) == 1).all()
    assert run_at(visits, "inference", TRAINED + 2).results["inference"]["predicted"] == 0
    assert run_at(visits, "inference", TRAINED + 3).results["inference"]["predicted"] == VISITS
    again = predictions(visits).merge(first, on=list(first.columns))
    assert len(again) == len(first)


def test_a_row_that_comes_late_with_an_older_moment_is_answered_too(visits: Platform) -> None:
    data = visits.specs["shop"].data
    run_at(visits, "train", TRAINED)
    run_at(visits, "inference", TRAINED + 2)
    late = invent_visits(1).head(1).assign(visit="late", came_at=START + TRAINED * DAY, target=None, label_at=pd.NaT)
    with visits.database.begin() as connection:
        upsert_rows(connection, data.features, late)
    assert run_at(visits, "inference", TRAINED + 2).results["inference"]["predicted"] == 1


def test_scores_say_what_share_of_the_labels_has_come(visits: Platform) -> None:
    run_at(visits, "train", TRAINED)
    run_at(visits, "inference", TRAINED)
    assert run_at(visits, "inference", TRAINED + 3).results["score"]["label_share"] == pytest.approx(3 / 9, abs=0.04)
    assert run_at(visits, "inference", TRAINED + 14).results["score"]["label_share"] == pytest.approx(14 / 20, abs=0.04)


def test_a_label_that_came_later_is_not_known_at_an_earlier_moment(visits: Platform) -> None:
    rows = invent_visits(10)
    spec = visits.specs["shop"]
    known = hide_later_labels(spec, rows, START + 9 * DAY)["target"]
    assert known.notna().sum() == 2 * VISITS
    run = run_at(visits, "train", TRAINED)
    assert run.results["train"]["rows"] == (TRAINED - 7) * VISITS


def test_too_few_rows_are_not_trained_on_and_the_sentence_says_which(visits: Platform) -> None:
    found = run_at(visits, "train", 41)
    assert found.status == "not_yet"
    assert "0 labelled rows before 2025-01-02T00:00Z and 50 wanted (Train.min_rows)" in found.results["train"]["error"]
    assert "has a label that was known then" in run_at(visits, "train", 3).results["train"]["error"]


def test_a_change_is_noticed_without_tuning_and_no_change_is_not(database: Database) -> None:
    changed = open_visits(database, invent_visits(110, change=80))
    run_at(changed, "train", TRAINED)
    verdicts = {}
    for day in range(TRAINED + 1, 100):
        run_at(changed, "inference", day)
        found = run_at(changed, "monitoring", day, step="monitor").results["monitor"]
        verdicts[day] = (found["verdict"], found["metrics"].get("label_share"))
    assert {verdict for day, (verdict, _) in verdicts.items() if day <= 87} == {"no"}
    noticed = [day for day, (verdict, _) in verdicts.items() if verdict == "retrain"]
    assert noticed
    assert 80 + 7 < noticed[0] <= 80 + 7 + 14
    assert verdicts[99][1] == pytest.approx(1.0)


def test_drift_of_rows_and_answers_is_seen_at_the_second_check_long_before_their_labels(visits: Platform) -> None:
    run_at(visits, "train", TRAINED)
    data = visits.specs["shop"].data
    with visits.database.begin() as connection:
        rows = read_rows(connection, data.features, since=("came_at", START + 75 * DAY))
        upsert_rows(connection, data.features, rows.assign(pages=rows["pages"] + 50.0))
    drifted = {}
    for day in range(TRAINED + 1, 95):
        run_at(visits, "inference", day)
        drifted[day] = run_at(visits, "monitoring", day, step="monitor").results["monitor"]["drifted"]
        run_verb(visits, "announce", ["shop"], at=START + day * DAY, now=START + day * DAY)
    assert not any(names for day, names in drifted.items() if day <= 75)
    assert "all features together" in drifted[77]
    assert set(drifted[94]) == {"all features together", "pages", "the answers"}
    with visits.database.begin(writing=False) as connection:
        (alert,) = [row for row in list_rows(connection, MESSAGE) if row["message_id"].endswith(":both")]
    assert (alert["urgency"], alert["at"] < START + 75 * DAY + DELAY) == ("alert", True)
    assert "its labels come 7 days late" in alert["text"]


def test_a_window_without_its_labels_has_no_verdict(visits: Platform) -> None:
    data = visits.specs["shop"].data
    run_at(visits, "train", TRAINED)
    for day in range(TRAINED + 1, TRAINED + 12):
        run_at(visits, "inference", day)
    with visits.database.begin() as connection:
        rows = read_rows(connection, data.performance)
        delete_rows(connection, data.performance, where={"visit": rows["visit"].iloc[::3].tolist()})
        delete_rows(connection, data.performance, where={"visit": rows["visit"].iloc[1::3].tolist()})
    found = run_at(visits, "monitoring", TRAINED + 12, step="monitor").results["monitor"]
    assert "of its labels have come" in found["reasons"][0]
    assert found["metrics"]["label_share"] < 0.5


def test_the_newest_rows_may_lack_a_column_that_the_project_answers_without(visits: Platform) -> None:
    spec = visits.specs["shop"]
    data = spec.data
    with visits.database.begin() as connection:
        rows = read_rows(connection, data.features, since=("came_at", START + 60 * DAY))
        upsert_rows(connection, data.features, rows.assign(source=None))
    at = START + 100 * DAY
    run_at(visits, "data", 100, step="preprocess")

    def look(answer_without: tuple[str, ...]) -> dict[str, Any]:
        features = spec.features.model_copy(update={"answer_without": answer_without})
        from dataclasses import replace

        changed = replace(spec, features=features)
        return check(changed, Run(visits, changed, "data", "check", at, at, "person"))

    with pytest.raises(Exception, match="source is missing in 100% of the newest 42 rows"):
        look(())
    assert look(("source",))["unfit_to_train"] == "source is missing in 100% of the newest 42 rows"


def test_drift_of_a_category_is_seen_and_none_is_not() -> None:
    rows = invent_visits(60)
    references = prepare_references(rows.head(1080), ("pages", "source"), window_rows=180, seed=7)
    assert set(references) == {"pages", "source"}
    calm = measure_drift(references, rows.tail(180))
    assert min(calm.values()) > 1e-4
    moved = measure_drift(references, rows.tail(180).assign(source="never met"))
    assert moved["source"] < 1e-4


def test_missing_rows_are_those_whose_key_the_other_table_lacks(visits: Platform) -> None:
    data = visits.specs["shop"].data
    some = invent_visits(2)
    made = some.head(3)[["visit", "came_at"]]
    with visits.database.begin() as connection:
        upsert_rows(connection, data.raw, made)
        until = ("came_at", START + 2 * DAY)
        found = read_changed_rows(connection, data.features, data.raw, until=until)
    assert len(found) == 2 * VISITS - 3
    assert not set(found["visit"]) & set(made["visit"])


def test_labels_of_one_class_alone_are_not_trained_on(visits: Platform) -> None:
    data = visits.specs["shop"].data
    with visits.database.begin() as connection:
        upsert_rows(connection, data.features, invent_visits(110).assign(target=1.0))
    trained = run_at(visits, "train", TRAINED)
    assert trained.status == "not_yet"
    assert "labelled rows are all 'yes', and a model learns from two classes" in trained.results["train"]["error"]


@pytest.mark.parametrize(
    ("module", "function", "step", "says"),
    [
        ("trainer.train", "predict_rows", "train",
         "visits/trainer/train.py: predict_rows answers with the column 'mood', which the table visits_predictions"),
        ("evaluator.evaluate", "score", "evaluate", "visits/evaluator/evaluate.py: score returns no 'loss' (accuracy)"),
    ],
)  # fmt: skip
def test_answers_and_scores_that_nobody_could_use_end_the_training(
    visits: Platform, monkeypatch: pytest.MonkeyPatch, module: str, function: str, step: str, says: str
) -> None:
    own = import_module(f"visits.{module}")
    usual = getattr(own, function)
    spoilt = {"predict_rows": lambda *a: usual(*a).assign(mood=1.0), "score": lambda *a: {"accuracy": 1.0}}
    monkeypatch.setattr(own, function, spoilt[function])
    trained = run_at(visits, "train", TRAINED)
    assert trained.status == "failed"
    assert says in trained.results[step]["error"]
    assert "promote" not in trained.results
