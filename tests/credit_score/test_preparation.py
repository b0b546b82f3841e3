"""From texts to model rows: what is mended and counted, which version of a row counts, and what a model reads."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from credit_score.evaluator.evaluate import slice_rows
from credit_score.preprocessor.data_preparation import count_kinds, read_history
from credit_score.preprocessor.feature_engineering import divide
from credit_score.preprocessor.preprocess import choose_newest, drop_outdated, read_rows
from credit_score.preprocessor.transformation import fit_scaler, scale_rows
from service.contract.one_value import each, read_each
from service.spec.make_rows import make_rows
from tests.credit_score.customers import USUAL, make_spec

SPEC = make_spec()
MOMENT, KNOWN = pd.Timestamp("2025-06-01", tz="UTC"), pd.Timestamp("2025-06-29", tz="UTC")


def make_extract(ids: list[str], day: str = "2025-06-30", **values: Any) -> pd.DataFrame:
    key = pd.DataFrame({"id": ids, "customer_id": "CUS_0x1"}).assign(extract_date=pd.Timestamp(day).as_unit("us"))
    return key.assign(**{**USUAL, "moment": MOMENT, "label_at": KNOWN, "score": "Good", **values})


@pytest.mark.parametrize(
    ("column", "text", "expected", "kind"),
    [
        ("age", "28_", 28.0, "age: stray characters"),
        ("age", "-500", None, "age: out of range"),
        ("age", "7580", None, "age: out of range"),
        ("annual_income", "20652.98_", 20652.98, "annual_income: stray characters"),
        ("num_bank_accounts", "-1", None, "num_bank_accounts: out of range"),
        ("num_of_loan", "-100", None, "num_of_loan: out of range"),
        ("changed_credit_limit", "_", None, "changed_credit_limit: missing"),
        ("changed_credit_limit", "-6.49", -6.49, None),
        ("amount_invested_monthly", "__10000__", None, "amount_invested_monthly: out of range"),
        ("monthly_balance", "__-333333333333333333333333333__", None, "monthly_balance: out of range"),
        ("total_emi_per_month", "81751.0", None, "total_emi_per_month: out of range"),
        ("occupation", "_______", None, "occupation: no category"),
        ("credit_mix", "_", None, "credit_mix: no category"),
        ("payment_behaviour", "!@9#%8", None, "payment_behaviour: no category"),
        ("payment_of_min_amount", "NM", None, "payment_of_min_amount: no category"),
        ("monthly_inhand_salary", None, None, "monthly_inhand_salary: missing"),
        ("target", "Excellent", None, "score: no class"),
        ("target", " standard", 1.0, None),
    ],
)
def test_each_kind_of_dirt_is_mended_and_counted(column: str, text: str, expected: Any, kind: str | None) -> None:
    dirt: Counter[str] = Counter()
    extract = make_extract(["a"], **{"score" if column == "target" else column: text})
    found = make_rows(read_rows, SPEC, extract, dirt)[column].iloc[0]
    assert (pd.isna(found) and expected is None) or found == expected
    assert dirt[kind] == 1 if kind else dirt == {}


def test_clean_texts_are_read_as_they_are_and_nothing_is_counted() -> None:
    dirt: Counter[str] = Counter()
    row = make_rows(read_rows, SPEC, make_extract(["a"]), dirt).iloc[0]
    assert dirt == {}
    assert (row["age"], row["credit_history_months"], row["loan_kinds"], row["target"]) == (23.0, 129.0, 2.0, 2.0)


def test_a_history_without_a_duration_is_counted() -> None:
    dirt: Counter[str] = Counter()
    texts = pd.Series(["10 Years and 9 Months", "NA", None, "0 years and 1 month"], name="credit_history_age")
    months = read_each(texts, dirt, read_history)
    assert months.tolist() == pytest.approx([129, np.nan, np.nan, 1], nan_ok=True)
    assert dirt == {"credit_history_age: no duration": 1}


def test_kinds_of_loans_are_counted_once() -> None:
    dirt: Counter[str] = Counter()
    texts = pd.Series(["Auto Loan, Auto Loan, and Payday Loan", "Not Specified", None, "Debt Consolidation Loan"])
    assert read_each(texts.rename("type_of_loan"), dirt, count_kinds).tolist() == [2, 0, 0, 1]
    assert dirt == {"type_of_loan: a kind not specified": 1}


def test_shares_need_an_income() -> None:
    rows = pd.DataFrame(
        {"outstanding_debt": [50.0, 50.0], "annual_income": [100.0, 0.0], "total_emi_per_month": [1.0, 1.0]}
    ).assign(monthly_inhand_salary=[4.0, np.nan])
    found = each(divide, rows["outstanding_debt"], rows["annual_income"])
    assert found.tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    found = each(divide, rows["total_emi_per_month"], rows["monthly_inhand_salary"])
    assert found.tolist() == pytest.approx([0.25, np.nan], nan_ok=True)


def test_targets_are_codes_and_missing_without_a_score() -> None:
    extract = make_extract(["a", "b", "c"], score=["Poor", "Good", None])
    rows = make_rows(read_rows, SPEC, extract, Counter())
    assert set(rows) == set(SPEC.data.features.columns)
    assert rows["target"].tolist() == pytest.approx([0.0, 2.0, np.nan], nan_ok=True)


def test_the_newest_extract_of_a_row_counts() -> None:
    extracts = pd.concat(
        [make_extract(["a", "b"], "2025-06-30", age="30"), make_extract(["a"], "2025-06-29", age="29")]
    )
    newest = choose_newest(extracts)
    assert newest[["id", "age"]].to_numpy().tolist() == [["a", "30"], ["b", "30"]]


def test_rows_are_outdated_by_a_newer_extract_unless_the_source_changed() -> None:
    rows = make_extract(["same", "unknown", "unlabelled", "moved", "relabelled"], "2025-06-29")
    rows.loc[rows["id"] == "unlabelled", ["label_at", "score"]] = None
    known = make_extract(["same", "unlabelled", "moved", "relabelled"], "2025-06-30")
    known.loc[known["id"] == "moved", "moment"] = MOMENT - pd.Timedelta(days=9)
    known.loc[known["id"] == "relabelled", "label_at"] = KNOWN + pd.Timedelta(days=9)
    kept = drop_outdated(rows, known[["id", "customer_id", "extract_date", "moment", "label_at"]])
    assert kept["id"].tolist() == ["unknown", "moved", "relabelled"]
    older = known.assign(extract_date=pd.Timestamp("2025-06-28").as_unit("us"))
    assert len(drop_outdated(rows, older[["id", "customer_id", "extract_date", "moment", "label_at"]])) == 5


def test_a_scaler_learns_medians_and_spreads_and_leaves_gaps() -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan], "same": 5.0, "never": np.nan, "text": "x"})
    scaler = fit_scaler(rows, ["a", "same", "never"])
    assert scaler == {"columns": ["a", "same", "never"], "median": [2.0, 5.0, 0.0], "iqr": [1.0, 1.0, 1.0]}
    scaled = scale_rows(scaler, rows)
    assert scaled["a"].tolist() == pytest.approx([-1, 0, 1, np.nan], nan_ok=True)
    assert scaled["same"].tolist() == [0.0] * 4
    assert scaled["text"].tolist() == ["x"] * 4


def test_slices_name_every_row() -> None:
    rows = pd.DataFrame({"age": [24.0, 25.0, 40.0, np.nan], "occupation": ["Doctor", "Engineer", "Lawyer", None]})
    assert slice_rows(rows)["slice_age"].tolist() == ["under_25", "25_to_39", "from_40", "unknown"]
    assert slice_rows(rows)["slice_occupation"].tolist() == ["arts_and_care", "technical", "business", "unknown"]


def test_a_scaler_has_the_quartiles_of_the_values_that_are_not_missing() -> None:
    rows = pd.DataFrame({"a": [4.0, 1.0, np.nan, 10.0, 2.0], "b": [0.1, 0.2, 0.4, 0.9, 1.7]})
    scaler = fit_scaler(rows, ["a", "b"])
    assert scaler["median"] == pytest.approx([3.0, 0.4], abs=1e-15)
    assert scaler["iqr"] == pytest.approx([3.75, 0.7], abs=1e-15)
