"""Leaks of a table: a feature that is the label, and rows that stand on both sides; a person may accept what fired."""

from collections.abc import Callable

import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.rows.frames import upsert_rows
from service.workflow.run_kind import run_verb
from tests.service.visits_world import DAY, START, VISITS, invent_visits, open_visits, run_at

TRAINED = 70


def label_pages(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(pages=rows["target"] * 40 + rows["pages"].fillna(5.0))


def copy_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Let half of the last days be rows of the first ones, under other keys; an hour of each row makes it its own."""
    rows = rows.assign(hour=rows["hour"] + rows.index / len(rows))
    early, late = rows.head(20 * VISITS), rows.tail(20 * VISITS)
    names = ["pages", "hour", "source", "target"]
    late = late.assign(**{name: early[name].to_numpy() for name in names})
    return pd.concat([rows.head(len(rows) - len(late)), late])


@pytest.mark.parametrize(
    ("spoil", "says"), [(label_pages, "pages alone explains"), (copy_days, "evaluated rows stand")]
)
def test_a_leak_is_held_against_the_challenger_until_a_person_accepts_it(
    database: Database, spoil: Callable[[pd.DataFrame], pd.DataFrame], says: str
) -> None:
    visits = open_visits(database, invent_visits(1))
    rows = spoil(invent_visits(TRAINED - 7))
    with database.begin() as connection:
        upsert_rows(connection, visits.specs["shop"].data.features, rows)
    found = run_at(visits, "train", TRAINED).results["promote"]
    assert found["verdict"] == "kept"
    assert any(says in reason for reason in found["reasons"]), found["reasons"]
    at = START + (TRAINED + 1) * DAY
    why = {"force": "the till counts it before the visitor pays"}
    taken = run_verb(visits, "promote", ["shop"], at=at, now=at, options=why)["shop"].results["promote"]
    assert taken["verdict"] == "promoted", taken["reasons"]
    assert any(reason.endswith(f"(accepted by a person: {why['force']})") for reason in taken["reasons"])
