"""From raw texts to model rows: what is mended and counted, what is missing, what is derived."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ineligible_loan.preprocessor.preprocess import read_rows
from ineligible_loan.utils.utils import load_spec_from_config
from service.spec.make_rows import make_rows as frame_rows
from tests.ineligible_loan.loans import make_raw

SPEC = load_spec_from_config("batch")


def prepare(**change: Any) -> tuple[dict[str, Any], dict[str, int]]:
    counts: Counter[str] = Counter()
    return frame_rows(read_rows, SPEC, make_raw(change), counts).iloc[0].to_dict(), dict(counts)


def test_a_clean_row_is_read_and_nothing_counted() -> None:
    row, counts = prepare()
    assert counts == {}
    assert (row["applicant_income"], row["property_area"], row["target"]) == (4000.0, "Rural", 1.0)


@pytest.mark.parametrize(
    ("column", "text", "value", "kind"),
    [
        ("dependents", "3+", 3.0, "+ behind a number"),
        ("dependents", " 3+ ", 3.0, "+ behind a number"),
        ("loan_term", "360 months", 360.0, "months behind a number"),
        ("applicant_income", "4583_", 4583.0, "stray characters"),
        ("applicant_income", "4,583", 4583.0, "stray characters"),
        ("loan_amount", "$ 128", 128.0, "stray characters"),
        ("property_area", " Urban ", "Urban", "stray characters"),
    ],
)
def test_what_can_be_mended_is(column: str, text: str, value: Any, kind: str) -> None:
    row, counts = prepare(**{column: text})
    assert row[column] == value
    assert counts == {f"{column}: {kind}": 1}


@pytest.mark.parametrize(
    ("column", "text", "kind"),
    [
        ("gender", "", "missing"),
        ("married", None, "missing"),
        ("dependents", "", "missing"),
        ("loan_amount", "  ", "missing"),
        ("credit_history", None, "missing"),
        ("self_employed", "-", "no category"),
        ("loan_term", "soon", "no number"),
        ("applicant_income", "-500", "out of range"),
        ("credit_history", "7", "out of range"),
        ("loan_amount", "0", "out of range"),
    ],
)
def test_what_can_not_be_read_is_missing_and_counted(column: str, text: str | None, kind: str) -> None:
    row, counts = prepare(**{column: text})
    assert pd.isna(row[column])
    assert counts == {f"{column}: {kind}": 1}


@pytest.mark.parametrize(
    ("text", "code", "counted"), [(" y ", 0.0, 0), ("n", 1.0, 0), (None, np.nan, 0), ("perhaps", np.nan, 1)]
)
def test_the_decision(text: str | None, code: float, counted: int) -> None:
    row, counts = prepare(loan_status=text)
    assert row["target"] == code or np.isnan([row["target"], code]).all()
    assert sum(counts.values()) == counted


def test_no_rows_are_no_rows() -> None:
    counts: Counter[str] = Counter()
    assert frame_rows(read_rows, SPEC, make_raw({}).iloc[:0], counts).empty
    assert not counts


def test_what_columns_say_together() -> None:
    rows = frame_rows(read_rows, SPEC, make_raw({}, {"married": "No", "dependents": "4"}), Counter())
    assert rows["total_income"].tolist() == [6000.0, 6000.0]
    assert rows["instalment_share"].tolist() == pytest.approx([120_000 / 360 / 6000] * 2)
    assert rows["income_per_head"].tolist() == [2000.0, 1500.0]  # of two adults and a child; of one and three
    assert rows["dependents"].tolist() == [1.0, 3.0]


def test_gaps_stay_gaps_and_nothing_is_divided_by_nothing() -> None:
    nothing = {"applicant_income": "0", "coapplicant_income": "0"}
    rows = frame_rows(read_rows, SPEC, make_raw({"loan_amount": ""}, nothing), Counter())
    assert rows["instalment_share"].isna().all()
    assert rows["total_income"].tolist() == [6000.0, 0.0]


def test_the_rows_are_those_of_the_table() -> None:
    rows = frame_rows(read_rows, SPEC, make_raw({}), Counter())
    assert set(rows) == set(SPEC.data.features.columns)
