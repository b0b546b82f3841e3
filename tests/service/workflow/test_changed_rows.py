"""A preprocessor whose output changed under a champion: its answers are marked, told, and a training is asked for."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.rows.single_rows import list_rows
from service.spec import Spec
from service.step.platform import Platform
from tests.service.visits_world import invent_visits, open_visits, run_at

TRAINED = 70
Make = Callable[[Spec, pd.DataFrame, "Counter[str]"], pd.DataFrame]


@pytest.fixture
def visits(database: Database) -> Platform:
    rows = invent_visits(80)
    platform = open_visits(database, rows)
    with database.begin() as connection:
        upsert_rows(connection, platform.specs["shop"].data.raw, rows[["visit", "came_at"]])
    set_code(platform, make_hours(0.0))
    return platform


def make_hours(later: float, target: float | None = None) -> Make:
    """Make the code of a project whose hour is `later` than it was."""

    def make_rows(_spec: Spec, raw: pd.DataFrame, _counts: "Counter[str]") -> pd.DataFrame:
        hours = raw["came_at"].dt.hour + later
        return pd.DataFrame(
            {"pages": 5.0, "hour": hours.astype(float), "source": "ad", "target": target}, index=raw.index
        )

    return make_rows


def set_code(platform: Platform, make_rows: Make) -> None:
    vars(platform.project)["read_rows"] = make_rows


def read_marks(platform: Platform) -> list[str | None]:
    with platform.database.begin(writing=False) as connection:
        rows = read_rows(connection, platform.specs["shop"].data.predictions)
    marks = rows[rows["at"] == rows["at"].max()]["fallback"]
    return [None if pd.isna(mark) else mark for mark in marks.unique()]


def test_answers_of_changed_rows_are_marked_told_and_followed_by_a_training(visits: Platform, home: Path) -> None:
    assert run_at(visits, "train", TRAINED).results["promote"]["verdict"] == "promoted"
    assert "fallback" not in run_at(visits, "inference", TRAINED + 1).results["inference"]
    assert read_marks(visits) == [None]
    set_code(visits, make_hours(0.0, target=9.0))  # a column that no model reads
    assert "fallback" not in run_at(visits, "inference", TRAINED + 1).results["inference"]

    set_code(visits, make_hours(12.0))
    for day in (2, 3):
        answered = run_at(visits, "inference", TRAINED + day).results["inference"]
        assert (answered["version"], answered["fallback"]["by"]) == (1, "changed_rows")
        assert "version 1 answers" in answered["fallback"]["reason"]
        assert "since today's code makes hour otherwise" in answered["fallback"]["reason"]
        assert read_marks(visits) == ["changed_rows"]
    with visits.database.begin(writing=False) as connection:
        texts = [row["text"] for row in list_rows(connection, MESSAGE) if "rows are made otherwise" in row["text"]]
    (text,) = texts  # once
    assert text.startswith("⚠️ visits.shop: rows are made otherwise than when version 1 learned from them")
    monitored = run_at(visits, "monitoring", TRAINED + 3, step="monitor").results["monitor"]
    assert monitored["verdict"] == "retrain"
    assert "version 1 answers rows that it did not learn from (visits.shop version 1 answers" in monitored["reasons"][0]

    set_code(visits, lambda *_: {}["no such column"])
    failing = run_at(visits, "inference", TRAINED + 3).results["inference"]["fallback"]
    assert failing["by"] == "changed_rows"
    assert "today's code fails on golden rows of visits.shop version 1: it met KeyError" in failing["reason"]

    set_code(visits, make_hours(0.0))
    assert "fallback" not in run_at(visits, "inference", TRAINED + 4).results["inference"]
    assert read_marks(visits) == [None]

    for file in home.rglob("golden_raw.parquet"):  # damaged evidence keeps nobody from an answer
        file.write_bytes(file.read_bytes()[:-9])
    set_code(visits, make_hours(12.0))
    assert "fallback" not in run_at(visits, "inference", TRAINED + 5).results["inference"]
