"""Scoring what has matured: live, late, void, revised, scored again (fault 56)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from db_handler.connection.database import Connection, Database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from service.monitoring.score import TARGET_EMPTY, score
from service.spec import Spec
from service.step import Run
from service.step.platform import Platform
from tests.service.toy_world import DAY, START, open_toy

DAYS = range(100, 104)
LATE, EMPTY = 101, 102


@pytest.fixture
def toy(database: Database) -> Platform:
    """The toy with four predictions: one is late, and the target of one has proved to be nothing."""
    platform = open_toy(database)
    platform.specs = {name: _with_empty_targets(spec) for name, spec in platform.specs.items()}
    data = platform.specs["a"].data
    ensure_table(database, data.features)
    rows = [
        {"series": "a", "target_slot": START + day * DAY, "at": START + day * DAY, "on_time": day != LATE,
         "version": 1, "predicted": 0.5, "rule_zero": 0.0}
        for day in DAYS
    ]  # fmt: skip
    with database.begin() as connection:
        upsert_rows(connection, data.predictions, pd.DataFrame(rows))
        write_truth(connection, data, EMPTY, None)
    return platform


def _with_empty_targets(spec: Spec) -> Spec:
    table = spec.data.features
    wider = table.model_copy(update={"columns": {**table.columns, TARGET_EMPTY: "boolean"}})
    return replace(spec, data=spec.data.model_copy(update={"features": wider}))


def write_truth(connection: Connection, data: Any, day: int, truth: float | None) -> None:
    row = {"series": "a", "target_slot": START + day * DAY, "target": truth, TARGET_EMPTY: truth is None}
    upsert_rows(connection, data.features, pd.DataFrame([row]))


def run_score(toy: Platform, day: int, hours: int = 0) -> dict[str, Any]:
    at = START + day * DAY + timedelta(hours=hours)
    return score(toy.specs["a"], Run(toy, toy.specs["a"], "inference", "score", at, at, "person"))


def read_scores(toy: Platform) -> pd.DataFrame:
    with toy.database.begin(writing=False) as connection:
        return read_rows(connection, toy.specs["a"].data.performance)


def test_each_prediction_gets_its_state_and_its_loss_beside_the_rule(toy: Platform) -> None:
    assert run_score(toy, 110) == {"scored": 4, "scored_again": 0, "live": 2, "late": 1, "void": 1}
    found = read_scores(toy)
    assert found["state"].tolist() == ["live", "late", "void", "live"]
    assert found[["truth", "loss", "baseline_loss", "rule_zero_loss"]].isna().all(axis=1).tolist() == [0, 0, 1, 0]
    live = found[found["state"] == "live"]
    pd.testing.assert_series_equal(live["loss"], (live["truth"] - 0.5) ** 2, check_names=False)
    pd.testing.assert_series_equal(live["baseline_loss"], live["truth"] ** 2, check_names=False)


def test_only_what_has_matured_is_scored(toy: Platform) -> None:
    assert run_score(toy, DAYS[1])["scored"] == 1  # the target of that very day has not closed
    assert run_score(toy, DAYS[1], hours=23)["scored"] == 0
    assert run_score(toy, DAYS[2])["scored"] == 1


def test_the_same_again_changes_nothing_not_even_the_moment(toy: Platform) -> None:
    run_score(toy, 110)
    before = read_scores(toy)
    assert run_score(toy, 111)["scored_again"] == 0
    pd.testing.assert_frame_equal(read_scores(toy).drop(columns="scored_at"), before.drop(columns="scored_at"))


def test_a_revised_truth_is_scored_again(toy: Platform) -> None:
    run_score(toy, 110)
    with toy.database.begin() as connection:
        write_truth(connection, toy.specs["a"].data, DAYS[0], 2.5)
    assert run_score(toy, 111) == {"scored": 0, "scored_again": 1, "live": 2, "late": 1, "void": 1}
    assert read_scores(toy)["loss"][0] == 4.0


def test_a_void_target_that_comes_after_all_is_live_and_back(toy: Platform) -> None:
    run_score(toy, 110)
    for truth, state in ((1.5, "live"), (None, "void")):
        with toy.database.begin() as connection:
            write_truth(connection, toy.specs["a"].data, EMPTY, truth)
        assert run_score(toy, 111)["scored_again"] == 1
        found = read_scores(toy).iloc[2]
        assert found["state"] == state
        assert pd.isna(found["loss"]) == (truth is None)


def test_a_truth_that_is_late_is_scored_when_it_comes(toy: Platform) -> None:
    with toy.database.begin() as connection:
        row = {"series": "a", "target_slot": START + DAYS[3] * DAY, "target": None, TARGET_EMPTY: False}
        upsert_rows(connection, toy.specs["a"].data.features, pd.DataFrame([row]))
    assert run_score(toy, 105)["scored"] == 3
    with toy.database.begin() as connection:
        write_truth(connection, toy.specs["a"].data, DAYS[3], 1.0)
    assert run_score(toy, 106)["scored"] == 1


def test_what_is_older_than_the_window_is_left_alone(toy: Platform) -> None:
    run_score(toy, 110)
    with toy.database.begin() as connection:
        write_truth(connection, toy.specs["a"].data, DAYS[0], 9.0)
    days = toy.specs["a"].monitoring.rescore_days
    assert run_score(toy, DAYS[-1] + days + 1) == {"scored": 0, "scored_again": 0}


def test_nothing_to_score_is_no_mistake(database: Database) -> None:
    assert run_score(open_toy(database), 110) == {"scored": 0, "scored_again": 0}
