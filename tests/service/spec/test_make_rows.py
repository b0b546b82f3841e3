"""One row and many are read by the same functions: equal to the bit, and so is what is counted."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.contract.one_value import Field, each
from service.contract.project import Project
from service.project_check import try_functions
from service.spec.load_spec import load_spec
from service.spec.make_rows import make_row, make_rows
from service.tabular.mending import read_categories, read_numbers

TEXTS = st.one_of(
    st.none(), st.just(np.nan), st.floats(), st.text("0123456789.,-+ _$€eE%()", max_size=8), st.text(max_size=6)
)
FORMATS: list[dict[str, Any]] = [
    {},
    {"low": 0, "high": 100, "junk": ("?",)},
    {"decimal": ",", "thousands": ".", "unit": "€"},
]


@pytest.mark.parametrize(
    ("project", "config"), [("income", "adult"), ("credit_score", "customers"), ("ineligible_loan", "batch")]
)
def test_a_row_by_itself_is_that_of_the_batch(monkeypatch: pytest.MonkeyPatch, project: str, config: str) -> None:
    spec, ours = load_spec(project, config), Project(project)
    days = []
    for day in range(3):
        monkeypatch.setattr(try_functions, "DAY", date(2025, 1, 1) + timedelta(day))
        days.append(try_functions.make_raw_rows(spec, ours))
    raw, alone, together = pd.concat(days, ignore_index=True), Counter[str](), Counter[str]()
    assert ours.read_rows
    rows = make_rows(ours.read_rows, spec, raw, together)
    singles = pd.DataFrame([make_row(ours.read_rows, spec, row, alone) for row in raw.to_dict("records")])
    assert len(rows) > 50
    assert set(spec.features.columns) <= set(singles)
    for name in singles:
        same = (singles[name] == rows[name]) | (singles[name].isna() & rows[name].isna())
        assert same.all(), name
    assert alone == together
    assert len(together) >= 3


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8), st.sampled_from(FORMATS))
def test_texts_are_read_the_same_alone_and_in_a_column(texts: list[Any], written: dict[str, Any]) -> None:
    column, together, alone = pd.Series(texts, name="x", dtype=object), Counter[str](), Counter[str]()
    numbers, categories = read_numbers(column, together, **written), read_categories(column, together, junk=("?",))
    fields = [Field("x", text) for text in texts]
    pd.testing.assert_series_equal(
        numbers, pd.Series([read_numbers(field, alone, **written) for field in fields], name="x", dtype=float)
    )
    assert categories.tolist() == [read_categories(field, alone, junk=("?",)) for field in fields]
    assert together == alone


def test_a_function_of_one_value_takes_columns_fields_and_values() -> None:
    def share(part: float, whole: float) -> float:
        return part / whole

    column = each(share, pd.Series([1.0, 3.0], index=[7, 9]), pd.Series([2.0, 4.0], index=[7, 9]))
    assert column.to_dict() == {7: 0.5, 9: 0.75}
    assert each(share, Field("part", 1.0), 2.0) == 0.5
    assert each(share, *(pd.Series(dtype=float),) * 2).empty
