"""A champion whose files are damaged: what answers in its place, who hears of it, and how it is replaced."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.rows.frames import read_rows
from db_handler.rows.single_rows import list_rows
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.tracking.registry import _load_once, read_alias, read_version
from service.workflow.run_kind import run_kind
from tests.service.toy_world import DAY, START, open_toy
from tests.service.visits_world import VISITS, invent_visits, open_visits, run_at

MINE = "toy.a"


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


def run(toy: Platform, kind: str, day: int) -> Outcome:
    at = START + day * DAY
    return run_kind(toy, kind, ["a"], at=at, now=at, cause="clock")["a"]


def find_files(platform: Platform, unit: str, version: int, home: Path) -> list[Path]:
    """Find the file model.json of one version."""
    described = read_version(platform.tracking, unit, version)
    assert described is not None
    source = platform.tracking.client.get_model_version(unit, str(version)).source
    return list(home.glob(f"mlflow-artifacts/**/{source.rpartition('/')[2]}/**/model.json"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.write_bytes(content)


def damage(platform: Platform, unit: str, version: int, home: Path, how: Callable[[Path], None] = cut) -> list[bytes]:
    files = find_files(platform, unit, version, home)
    kept = [file.read_bytes() for file in files]
    assert files
    for file in files:
        how(file)
    _load_once.cache_clear()
    return kept


def read(platform: Platform, name: str) -> pd.DataFrame:
    data = next(iter(platform.specs.values())).data
    with platform.database.begin(writing=False) as connection:
        return read_rows(connection, getattr(data, name))


def read_alerts(platform: Platform) -> list[str]:
    with platform.database.begin(writing=False) as connection:
        rows = list_rows(connection, MESSAGE)
    return [row["text"] for row in rows if "answers in the place of" in row["text"] and "retrain" not in row["text"]]


@pytest.mark.parametrize("how", [cut, flip, Path.unlink])
def test_the_previous_champion_answers_and_the_unit_is_trained_again(
    toy: Platform, home: Path, how: Callable[[Path], None]
) -> None:
    run(toy, "train", 60)
    run(toy, "train", 110)
    run(toy, "inference", 111)
    damage(toy, MINE, 2, home, how)
    for day in (112, 113):
        answered = run(toy, "inference", day)
        assert answered.status == "done"
        fallback = answered.results["inference"]["fallback"]
        assert (fallback["by"], fallback["instead_of"]) == ("previous_champion", 2)
    rows = read(toy, "predictions").set_index("target_slot").loc[START + 112 * DAY :]
    assert set(rows["fallback"]) == {"previous_champion"}
    assert set(rows["version"]) == {1}
    (alert,) = read_alerts(toy)
    assert alert.startswith("⚠️ toy.a: previous_champion answers in the place of version 2")
    assert "toy.a version 2: model.json" in alert

    monitored = run(toy, "monitoring", 113)
    assert monitored.results["monitor"]["verdict"] == "retrain"
    assert "answers in the place of version 2" in monitored.results["monitor"]["reasons"][0]
    assert monitored.results["retrain"]["promote"]["verdict"] == "promoted"
    aliases = [read_alias(toy.tracking, MINE, alias) for alias in ("champion", "previous_champion")]
    assert aliases == [3, 1]  # nobody could go back to the damaged one
    assert run(toy, "inference", 114).results["inference"]["fallback"] is None


def test_without_a_previous_champion_the_rule_answers_and_is_no_evidence(toy: Platform, home: Path) -> None:
    run(toy, "train", 100)
    run(toy, "inference", 101)
    kept = damage(toy, MINE, 1, home)
    answered = [run(toy, "inference", day).results["inference"] for day in (102, 103, 104)]
    assert [found["fallback"]["by"] for found in answered] == ["rule_zero"] * 3
    rows = read(toy, "predictions").set_index("target_slot").loc[START + 102 * DAY :]
    assert (set(rows["fallback"]), set(rows["predicted"])) == ({"rule_zero"}, {0.0})
    assert rows["version"].isna().all()
    scored = read(toy, "performance").set_index("target_slot")["state"]
    assert scored.loc[START + 102 * DAY :].tolist() == ["fallback"] * 2
    losses = read(toy, "performance").set_index("target_slot").loc[START + 102 * DAY :]
    assert (losses["loss"] == losses["rule_zero_loss"]).all()
    assert len(read_alerts(toy)) == 1

    for file, content in zip(find_files(toy, MINE, 1, home), kept, strict=True):
        file.write_bytes(content)
    _load_once.cache_clear()
    assert run(toy, "inference", 105).results["inference"]["fallback"] is None
    damage(toy, MINE, 1, home)
    run(toy, "inference", 106)
    assert len(read_alerts(toy)) == 2  # another incident


def test_trainings_for_a_damaged_champion_are_a_day_apart(toy: Platform, home: Path) -> None:
    run(toy, "train", 110)
    damage(toy, MINE, 1, home)
    run(toy, "inference", 110)
    found = run(toy, "monitoring", 110).results["monitor"]
    assert (found["verdict"], found["calls_for_training"]) == ("wait", None)
    assert "cooling down until 2025-04-22 00:00 UTC" in found["reasons"][-1]
    run(toy, "inference", 111)
    assert run(toy, "monitoring", 111).results["monitor"]["verdict"] == "retrain"


def test_where_nothing_can_stand_in_the_unit_is_trained_again_too(
    toy: Platform, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(toy, "train", 60)
    damage(toy, MINE, 1, home)
    monkeypatch.setattr("service.step.load_champion._read_known_rows", lambda run: pd.DataFrame())
    assert run(toy, "inference", 62).status == "failed"
    monitored = run(toy, "monitoring", 62).results
    assert monitored["monitor"]["verdict"] == "retrain"
    assert "nothing can answer in the place of version 1" in monitored["monitor"]["reasons"][0]
    assert monitored["retrain"]["promote"]["verdict"] == "promoted"


def test_monitoring_of_a_later_moment_hears_of_the_damage_too(toy: Platform, home: Path) -> None:
    run(toy, "train", 60)
    damage(toy, MINE, 1, home)
    assert run(toy, "inference", 62).status == "done"
    assert run(toy, "monitoring", 63).results["monitor"]["verdict"] == "retrain"
    assert run(toy, "monitoring", 65).results["monitor"]["verdict"] == "no"  # version 2 serves


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(
    ("how", "model_too"), [(Path.unlink, True), (empty, True), (Path.unlink, False), (empty, False), (cut, False)]
)
def test_damaged_evidence_keeps_no_unit_from_its_training(
    toy: Platform, home: Path, how: Callable[[Path], None], model_too: bool
) -> None:
    run(toy, "train", 100)
    if model_too:
        damage(toy, MINE, 1, home)
    for file in home.glob("mlflow-artifacts/**/*.parquet"):
        how(file)
    run(toy, "inference", 105)
    monitored = run(toy, "monitoring", 105).results
    assert monitored["monitor"]["verdict"] == "retrain"
    says = "rule_zero answers in the place of version 1" if model_too else "nothing can watch version 1 (walk_forward"
    assert monitored["monitor"]["reasons"][0].startswith(says)
    assert monitored["retrain"]["promote"]["verdict"] == "promoted"
    assert run(toy, "monitoring", 106).results["monitor"]["verdict"] == "no"


def test_damaged_evidence_of_a_pooled_unit_stops_no_other(toy: Platform, home: Path) -> None:
    for config, spec in dict(toy.specs).items():
        pooled = spec.monitoring.model_copy(update={"pooled": True, "threshold": None})
        trained = spec.train.model_copy(update={"promote": "evidence"})
        toy.specs = {**toy.specs, config: replace(spec, monitoring=pooled, train=trained)}
    at = START + 100 * DAY
    both = run_kind(toy, "train", ["a", "b"], at=at, now=at, cause="clock")
    mine = both["b"].results["train"]["mlflow_run"]
    for file in home.glob(f"mlflow-artifacts/**/{mine}/**/walk_forward.parquet"):
        empty(file)
    at += 2 * DAY
    found = run_kind(toy, "monitoring", ["a", "b"], step="monitor", at=at, now=at, cause="clock")
    verdicts = {config: outcome.results["monitor"]["verdict"] for config, outcome in found.items()}
    assert verdicts == {"a": "no", "b": "retrain"}


def test_an_mlflow_that_is_away_is_no_damage(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    run(toy, "train", 100)
    _load_once.cache_clear()

    def refuse(*_: Any, **__: Any) -> None:
        raise MlflowException("no answer")

    monkeypatch.setattr("mlflow.artifacts.download_artifacts", refuse)
    answered = run(toy, "inference", 101)
    assert answered.status in ("away", "failed")
    assert "can't be reached" in answered.results["inference"]["error"]
    assert read(toy, "predictions").empty


def test_a_row_that_stands_alone_is_answered_again_while_its_label_is_to_come(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy unit: so many rows wait for their labels that the newest of all hold none that is known.
    monkeypatch.setattr("service.step.load_champion.KNOWN_ROWS", 6 * VISITS)
    visits = open_visits(database, invent_visits(90))
    run_at(visits, "train", 70)
    kept = damage(visits, "visits.shop", 1, home)
    first = run_at(visits, "inference", 72).results["inference"]
    assert (first["fallback"]["by"], first["predicted"], first["late"]) == ("rule_split", 7 * VISITS, 0)
    rows = read(visits, "predictions")
    assert set(rows["fallback"]) == {"rule_split"}
    assert rows["predicted_yes"].tolist() == rows["rule_split_yes"].tolist()
    assert run_at(visits, "inference", 72).results["inference"]["predicted"] == 0
    for file, content in zip(find_files(visits, "visits.shop", 1, home), kept, strict=True):
        file.write_bytes(content)
    _load_once.cache_clear()

    run_at(visits, "inference", 75)
    after = read(visits, "predictions").set_index("came_at").sort_index()
    settled, open_still = after.loc[START + 65 * DAY : START + 68 * DAY], after.loc[START + 68 * DAY :]
    assert set(settled["fallback"]) == {"rule_split"}
    assert open_still["fallback"].isna().all()
    assert set(open_still["version"]) == {1}
