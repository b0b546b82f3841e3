"""Raw texts to model rows: what is mended, how it is counted, and what becomes of it."""

from collections import Counter
from typing import Any

import pandas as pd
import pytest

from income.evaluator.evaluate import slice_rows
from income.preprocessor.data_preparation import LABELS
from income.preprocessor.feature_engineering import rank_education
from income.preprocessor.preprocess import read_rows
from income.trainer.train import weigh_rows
from service.spec.make_rows import make_rows
from service.tabular.labels import read_classes
from tests.income.requests import make_requests, make_spec

SPEC = make_spec()


def prepare(**values: Any) -> tuple[pd.DataFrame, dict[str, int]]:
    counts: Counter[str] = Counter()
    raw = make_requests(dict.fromkeys("abc", "2025-01-01"), known_at=None, loaded_at="2025-01-02", income=None)
    raw = raw.assign(**values)
    return make_rows(read_rows, SPEC, raw, counts), dict(counts)


def test_clean_rows_lose_nothing() -> None:
    rows, counts = prepare()
    assert counts == {}
    assert sorted([*rows, "made_by"]) == sorted(SPEC.data.features.columns)
    assert rows[["age", "education_num", "hours_per_week"]].to_numpy().tolist() == [[39, 13, 40]] * 3
    assert not {"fnlwgt", "relationship", "native_country"} & set(rows)


@pytest.mark.parametrize(
    ("column", "texts", "read", "counts"),
    [
        ("age", ["999", "-3", "forty"], [None] * 3, {"age: out of range": 2, "age: no number": 1}),
        ("age", ["?", "", None], [None] * 3, {"age: missing": 3}),
        ("age", [" 39 ", "39.0", "_39_"], [39, 39, 39], {"age: stray characters": 1}),
        ("hours_per_week", ["300", "168", "0"], [None, 168, 0], {"hours_per_week: out of range": 1}),
        ("capital_gain", ["99999", "-1", "1e400"], [99999, None, None], None),
        (
            "workclass",
            ["?", "  ", " Private"],
            [None, None, "Private"],
            {"workclass: no category": 1, "workclass: missing": 1, "workclass: stray characters": 1},
        ),
        ("occupation", ["Astronaut", None, "Sales"], ["Astronaut", None, "Sales"], {"occupation: missing": 1}),
    ],
)
def test_dirt_is_mended_and_counted(
    column: str, texts: list[str | None], read: list[Any], counts: dict[str, int] | None
) -> None:
    rows, found = prepare(**{column: pd.Series(texts, dtype=object)})
    assert [None if pd.isna(value) else value for value in rows[column]] == read
    assert counts is None or found == counts


def test_a_column_that_nobody_filled_is_missing_in_every_row() -> None:
    for column in SPEC.features.columns:
        absent = {"education_num": None, "education": None} if column == "education_num" else {column: None}
        rows, counts = prepare(**absent)
        assert rows[column].isna().all()
        assert counts[f"{column}: missing"] == 3


def test_the_degree_gives_its_number() -> None:
    counts: Counter[str] = Counter()
    names = pd.Series(["Doctorate", "HS-grad", "Night school", None])
    assert rank_education(names, pd.Series([16.0, 3.0, 7.0, None]), counts).tolist()[:3] == [16, 9, 7]
    assert counts == {"education_num: not that of education": 1}


def test_labels_are_read_however_they_are_written() -> None:
    counts: Counter[str] = Counter()
    texts = pd.Series(["<=50K", ">50K.", "  > 50K ", "<=50k.", "", None, "50K"])
    found = read_classes(texts.rename("income"), counts, ("low", "high"), words=LABELS)
    assert [None if pd.isna(code) else code for code in found] == [0, 1, 1, 0, None, None, None]
    assert counts == {"income: no class": 1}


def test_sex_and_race_are_slices_and_no_features() -> None:
    rows, _ = prepare(sex=["Male", "?", "Female"], age=["17", None, "70"])
    found = slice_rows(rows)
    assert found["slice_sex"].tolist() == ["Male", "unknown", "Female"]
    assert found["slice_age"].tolist() == ["under_30", "unknown", "from_60"]
    assert not {"sex", "race"} & set(SPEC.features.columns)


def test_newer_rows_count_more() -> None:
    moments = pd.to_datetime(pd.Series(["2025-01-01", "2025-03-02", "2025-05-01"]))
    assert weigh_rows(moments, 60) == [0.25, 0.5, 1.0]
