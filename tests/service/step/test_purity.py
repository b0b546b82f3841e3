"""A model row depends on its own raw row alone: what sorts, drops, centres or reads a clock is found."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.rows.frames import upsert_rows
from service.contract.clock_reads import find_clock_read
from service.contract.project import Project
from service.spec import Spec
from service.spec.load_spec import load_spec
from service.step.purity import find_impurity
from tests.service.visits_world import invent_visits, open_visits, run_at

Spoil = Callable[[pd.DataFrame], pd.DataFrame]
RAW = pd.DataFrame({"id": [f"r{place:02d}" for place in range(40)], "price": np.arange(40.0)[::-1]})


@pytest.fixture
def visits() -> Spec:
    return load_spec("visits", "shop")


def find(spec: Spec, spoil: Spoil, raw: pd.DataFrame = RAW) -> str | None:
    raw = raw.rename(columns={"id": "visit"})

    def build(_spec: Spec, rows: pd.DataFrame, _counts: "Counter[str]") -> pd.DataFrame:
        texts = ["ad" if price > 20 else None for price in rows["price"]]
        return spoil(rows.assign(pages=rows["price"] * 0.1, source=texts, target=np.nan))

    return find_impurity(spec, build, raw, build(spec, raw, Counter()))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda rows: rows.sort_values("price").reset_index(drop=True), "makes 'pages' of the row visit r"),
        (lambda rows: rows.assign(pages=rows["pages"] - rows["pages"].mean()), "makes 'pages' of the row visit r"),
        (lambda rows: rows.assign(hour=rows["pages"].rank()), "makes 'hour' of the row visit r"),
        (lambda rows: rows.assign(hour=rows["pages"].shift()), "makes 'hour' of the row visit r"),
        (lambda rows: rows.assign(source=rows["source"].ffill()), "makes 'source' of the row visit r"),
        (lambda rows: rows.assign(hour=time.perf_counter()), "makes 'hour' of the row visit r"),
        (lambda rows: rows.dropna(subset="source"), "makes 19 model rows of 40 raw rows"),
        (lambda rows: pd.concat([rows, rows.tail(1)]), "makes 41 model rows of 40 raw rows"),
        (lambda rows: rows.drop_duplicates("source"), "makes 2 model rows of 40 raw rows"),
    ],
)
def test_a_row_that_depends_on_others_is_named_with_its_column(visits: Spec, spoil: Spoil, says: str) -> None:
    sentence = find(visits, spoil)
    assert sentence
    assert says in sentence
    assert "a model row depends on its own raw row alone" in sentence


def test_two_rows_show_it_and_pure_ones_pass(visits: Spec) -> None:
    assert find(visits, lambda rows: rows.assign(pages=rows["pages"] - rows["pages"].mean()), RAW[:2])
    for rows in (RAW, RAW[:1], RAW[:0]):
        assert find(visits, lambda rows: rows.assign(pages=np.log1p(rows["pages"])), rows) is None


@pytest.mark.parametrize(
    ("line", "reads"),
    [
        ("age = (pd.Timestamp.now() - born).dt.days", True),
        ("age = pd.Timestamp('now') - born", True),
        ("age = pd.to_datetime('today') - born", True),
        ("age = np.datetime64('now')", True),
        ("age = moment - pd.Timestamp('2000-01-01')", False),
    ],
)
def test_a_look_at_the_clock_is_found_in_the_file(tmp_path: Path, line: str, reads: bool) -> None:
    (tmp_path / "preprocessor").mkdir()
    (tmp_path / "preprocessor" / "columns.py").write_text(f"import pandas as pd\n{line}\n")
    place = f"{tmp_path.name}/preprocessor/columns.py, line 2"
    assert find_clock_read(tmp_path / "preprocessor") == (place if reads else None)


def test_the_gate_holds_it_against_a_challenger(database: Database) -> None:
    platform = open_visits(database, invent_visits(71))
    raw = invent_visits(71).tail(40)[["visit", "came_at"]]
    with database.begin() as connection:
        upsert_rows(connection, platform.specs["shop"].data.raw, raw)

    def number_rows(_spec: Spec, rows: pd.DataFrame, _counts: "Counter[str]") -> pd.DataFrame:
        return rows.assign(hour=np.arange(len(rows), dtype=float))

    vars(platform.project)["read_rows"] = number_rows
    found = run_at(platform, "train", 70).results["promote"]
    assert found["verdict"] == "kept"
    assert any("number_rows makes 'hour' of the row visit v" in reason for reason in found["reasons"])


def test_a_projects_way_to_make_rows_is_found_by_its_name() -> None:
    names = dict.fromkeys(("income", "credit_score", "ineligible_loan"), "read_rows")
    assert {name: Project(name).read_rows.__name__ for name in names} == names  # type: ignore[union-attr]
    assert Project("crypto_forecast").read_rows is None
    assert Project("toy").read_rows is None
