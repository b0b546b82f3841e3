"""Rows that stand by themselves: their tables from a handful of names, collected, prepared, labelled."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from db_handler.connection.database import Database
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from service.contract.project import ProjectError
from service.spec import Spec
from service.tabular.collect import collect_rows, prepare_rows
from service.tabular.labels import read_target
from service.tabular.tables import RowData, declare_tables
from tests.service.answer import Ask
from tests.service.conftest import NAME

DAY = timedelta(days=1)
START = pd.Timestamp("2025-01-01", tz="UTC")


class OneRun:
    """As much of a run as collecting needs."""

    def __init__(self, database: Database, at: Any) -> None:
        self.database, self.at = database, at


def put(database: Database, spec: Spec, table: str, **columns: Any) -> None:
    assert spec.data.sources
    declared = spec.data.sources.by_name[f"{NAME}_{table}"]
    ensure_table(database, declared)
    with database.begin() as connection:
        upsert_rows(connection, declared, pd.DataFrame(columns))


def collect(database: Database, spec: Spec, days: float) -> dict[str, Any]:
    for table in spec.data.tables:
        ensure_table(database, table)
    run: Any = OneRun(database, START + days * DAY)
    return collect_rows(spec, run)


def test_rows_are_taken_once_late_ones_too_and_labels_when_they_are_known(database: Database, demand: Spec) -> None:
    put(database, demand, "rows", id=["a", "b"], moment=[START, START + DAY], product=["tea", "tea"])
    put(database, demand, "labels", id=["a", "z"], known_at=[START + DAY, START], units=["3", "4"])
    assert {**collect(database, demand, 0.5), "until": ""} == {"rows": 1, "labels": 0, "until": ""}
    assert {**collect(database, demand, 1), "until": ""} == {"rows": 1, "labels": 1, "until": ""}
    assert {**collect(database, demand, 2), "until": ""} == {"rows": 0, "labels": 0, "until": ""}
    put(database, demand, "rows", id=["z"], moment=[START - DAY], product=["milk"])
    put(database, demand, "labels", id=["a"], known_at=[START + DAY], units=["5"])
    assert {**collect(database, demand, 2), "until": ""} == {"rows": 1, "labels": 2, "until": ""}
    with database.begin() as connection:
        raw = read_rows(connection, demand.data.raw)
    assert raw["units"].fillna("").tolist() == ["5", "", "4"]


def test_a_source_that_was_never_filled_is_not_yet(ask: Ask, demand: Spec) -> None:
    answer = ask("data", project=demand.project)
    assert answer.status == 99
    assert "has no rows up to" in answer.json["results"]["daily"]["load"]["error"]


def test_what_builds_rows_must_build_all_of_them(database: Database, demand: Spec) -> None:
    put(database, demand, "rows", id=["a"], moment=[START], product=["tea"])
    collect(database, demand, 1)
    run: Any = OneRun(database, START + DAY)

    def build_little(_spec: Spec, raw: pd.DataFrame, _counts: Counter[str]) -> pd.DataFrame:
        return raw[["product"]]

    with pytest.raises(ProjectError, match="the rows that build_little returns lack the column promotion"):
        prepare_rows(demand, run, build_little)
    with pytest.raises(ProjectError, match="are not one for each raw row"):
        prepare_rows(demand, run, lambda _, raw, __: raw.iloc[:0].assign(**dict.fromkeys(demand.data.features.columns)))


def test_rows_that_hang_together_are_refused(database: Database, demand: Spec) -> None:
    names = ["a", "b", "c"]
    put(database, demand, "rows", id=names, moment=[START] * 3, product=["tea", "milk", "tea"], price=["3", "1", "2"])
    collect(database, demand, 1)
    run: Any = OneRun(database, START + DAY)

    def center(_spec: Spec, raw: pd.DataFrame, _counts: Counter[str]) -> pd.DataFrame:
        prices = raw["price"].astype(float)
        columns: dict[str, Any] = dict.fromkeys(demand.data.features.columns)
        return raw.assign(**{**columns, "target": np.nan, "price": prices - prices.mean()})

    with pytest.raises(ProjectError, match=r"center makes 'price' of the row id [abc] otherwise alone"):
        prepare_rows(demand, run, center)
    with database.begin() as connection:
        assert read_rows(connection, demand.data.features).empty


def test_a_target_that_is_no_code_of_a_class_is_refused(database: Database, demand: Spec) -> None:
    put(database, demand, "rows", id=["a"], moment=[START], product=["tea"])
    collect(database, demand, 1)
    run: Any = OneRun(database, START + DAY)
    classes = replace(demand, data=demand.data.model_copy(update={"classes": ("few", "many")}))

    def build(_spec: Spec, raw: pd.DataFrame, _counts: Counter[str]) -> pd.DataFrame:
        return raw.assign(**{**dict.fromkeys(demand.data.features.columns), "target": 2.0})

    with pytest.raises(ProjectError, match="build returns a target that is no code of a class, 0 to 1 for few, many"):
        prepare_rows(classes, run, build)


def test_nothing_new_makes_no_rows(ask: Ask, demand: Spec) -> None:
    assert ask("generate", "--from", "2025-01-01", "--to", "2025-01-03", project=NAME).status == 0
    first = ask("data", "--at", "2025-01-03T02:05Z", project=NAME).json["results"]["daily"]
    assert (first["preprocess"]["rows"], first["load"]["labels"]) == (24, 16)
    again = ask("data", "--at", "2025-01-03T02:05Z", project=NAME).json["results"]["daily"]
    assert (again["load"]["rows"], again["preprocess"]["rows"]) == (0, 0)


def declare(classes: tuple[str, ...]) -> type[RowData]:
    sources, raw, features, predictions, performance = declare_tables(
        "loan", asked=("Annual Income-USD", "kind"), label="Paid back", numbers=("annual_income_usd",),
        categories=("kind",), personal=("Name",), classes=("no", "yes"),
    )  # fmt: skip
    keys = {"sources": sources, "raw": raw, "features": features, "predictions": predictions}
    return type("Data", (RowData,), {**keys, "performance": performance, "classes": classes})


def test_tables_of_classes_have_a_column_a_class() -> None:
    data = declare(("no", "yes"))()
    assert data.raw.columns["annual_income_usd"] == "text"
    assert {"predicted_no", "rule_prior_yes"} <= data.predictions.columns.keys()
    assert data.sources
    assert data.sources.columns["Paid back"] == "loan_labels.paid_back"
    assert data.sources.dropped == ("Name",)


def test_classes_that_are_not_those_of_the_tables_are_refused() -> None:
    for classes in ((), ("yes", "no")):
        with pytest.raises(ValueError, match="the classes that declare_tables was given are not the same"):
            declare(classes)()


@pytest.mark.parametrize(
    ("classes", "texts", "expected", "dirt"),
    [
        ((), ["3", " 4 ", None, "", "x", "-1"], [3.0, 4.0, None, None, None, None], 2),
        (("paid", "not_paid"), ["Paid", " not paid ", None, "", "NOT-PAID", "?"], [0.0, 1.0, None, None, 1.0, None], 2),
    ],
)
def test_a_label_is_a_number_or_the_code_of_a_class(
    classes: tuple[str, ...], texts: list[str | None], expected: list[float | None], dirt: int
) -> None:
    counts: Counter[str] = Counter()
    spec: Any = type("S", (), {"data": type("D", (), {"classes": classes})})
    found = read_target(spec, pd.Series(texts, name="units"), counts, low=0)
    assert found.replace({np.nan: None}).tolist() == expected
    assert sum(counts.values()) == dirt
