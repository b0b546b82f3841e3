"""A champion whose files are whole and that is of no use any more: told, answered for, and replaced by a training."""

from typing import Any

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import DECISION, MODEL, RUN
from db_handler.ledger.models import ModelRow, find_model
from db_handler.rows.frames import delete_rows
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.tracking.registry import read_alias
from service.workflow.run_kind import run_kind
from tests.service.toy_world import DAY, START, open_toy

MINE = "toy.a"


@pytest.fixture
def toy(database: Database) -> Platform:
    """The toy with two champions, the second of day 110."""
    toy = open_toy(database)
    for day in (60, 110):
        run(toy, "train", day)
    assert read_alias(toy.tracking, MINE, "champion") == 2
    return toy


def run(toy: Platform, kind: str, day: int) -> Outcome:
    at = START + day * DAY
    return run_kind(toy, kind, ["a"], at=at, now=at, cause="clock")["a"]


def read_row(toy: Platform, version: int) -> ModelRow | None:
    with toy.database.begin(writing=False) as connection:
        return find_model(connection, project="toy", config="a", version=version)


def upgrade(toy: Platform, patch: pytest.MonkeyPatch) -> None:
    """Let the project's models hold a number more from now on, which its predictions read."""
    from toy.trainer.train import fit_model, predict_rows

    def fit_more(*given: Any) -> dict[str, Any]:
        return {**fit_model(*given), "offset": 0.0}

    def predict_more(model: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
        return predict_rows(model, rows).assign(predicted=model["level"] + model["offset"])

    patch.setattr("toy.core.train.fit_model", fit_more)
    vars(toy.project)["predict_rows"] = predict_more


def test_a_champion_that_todays_code_can_not_run_is_replaced(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(toy, monkeypatch)
    fallback = run(toy, "inference", 112).results["inference"]["fallback"]
    assert (fallback["by"], fallback["instead_of"]) == ("rule_zero", 2)  # the one before can't answer either
    assert "today's code can't answer with toy.a version 2: predict_rows met KeyError" in fallback["reason"]
    monitored = run(toy, "monitoring", 112).results
    assert monitored["monitor"]["reasons"][0].startswith("rule_zero answers in the place of version 2 (today's code")
    assert monitored["retrain"]["promote"]["verdict"] == "promoted"
    assert any(
        "alone are held against its successor (today's" in said for said in monitored["retrain"]["promote"]["reasons"]
    )
    assert run(toy, "inference", 113).results["inference"]["fallback"] is None


def forget_version(toy: Platform) -> None:
    """Leave the ledger as a backup of before the second training has it."""
    with toy.database.begin() as connection:
        delete_rows(connection, MODEL, where={"version": 2})
        for table in (DECISION, RUN):
            delete_rows(connection, table, where={"at": START + 110 * DAY})


def test_a_champion_that_an_older_ledger_does_not_know_is_noted_again(toy: Platform) -> None:
    known = read_row(toy, 2)
    forget_version(toy)
    assert run(toy, "inference", 112).results["inference"]["fallback"] is None
    assert run(toy, "monitoring", 112).results["monitor"]["version"] == 2
    restored = read_row(toy, 2)
    assert restored is not None
    assert known is not None
    for name in ("at", "cause", "training_end", "data_hash", "recipe_hash", "files", "mlflow_run"):
        assert getattr(restored, name) == getattr(known, name)
    assert restored.recipe["features"] == known.recipe["features"]


def test_one_whose_recipe_nobody_knows_is_replaced(toy: Platform) -> None:
    forget_version(toy)
    toy.tracking.client.set_model_version_tag(MINE, "2", "recipe_hash", "of another config")
    fallback = run(toy, "inference", 112).results["inference"]["fallback"]
    assert (fallback["by"], fallback["instead_of"]) == ("previous_champion", 2)
    monitored = run(toy, "monitoring", 112).results
    assert "toy.a version 2 is none that the ledger knows" in monitored["monitor"]["reasons"][0]
    assert monitored["retrain"]["promote"]["verdict"] == "promoted"
    assert [read_alias(toy.tracking, MINE, alias) for alias in ("champion", "previous_champion")] == [3, 1]
