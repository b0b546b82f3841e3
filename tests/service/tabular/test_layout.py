"""Own names, own ids and sections that a config leaves out."""

import pytest
from pydantic import ValidationError

from db_handler.tables.table import Table
from service.spec.load_spec import load_spec
from service.tabular.tables import declare_tables

LOANS = {"asked": ("Loan", "Amount"), "label": "Paid", "key": ("Loan",), "numbers": ("amount",), "categories": ()}


def by_name(*tables: Table) -> dict[str, Table]:
    return {table.name: table for table in tables}


def test_a_key_of_the_file_names_rows_under_own_names() -> None:
    sources, raw, features, predictions, _ = declare_tables(
        "loans", **LOANS, tables={"rows": "asked_loans"}, columns={"Amount": "sum"}, moment="asked_at",
        known="paid_at", ids={"loan": "text(64)"}, text="text(16)",
    )  # fmt: skip
    tables = by_name(*sources.tables)
    assert tables["asked_loans"].columns == {"loan": "text(64)", "asked_at": "time", "sum": "text(16)"}
    assert tables["loans_labels"].columns == {"loan": "text(64)", "paid_at": "time", "paid": "text(16)"}
    assert sources.columns["Loan"] == ("asked_loans.loan", "loans_labels.loan")
    assert sources.columns["Amount"] == "asked_loans.sum"
    assert sources.made_id == ()
    assert (raw.key, features.index, predictions.key) == (("loan",), ("asked_at",), ("config", "loan"))


def test_raw_rows_may_have_versions_and_steps_of_the_projects_own() -> None:
    _, raw, features, predictions, _ = declare_tables(
        "loans", **LOANS, versions={"day": "date"}, label_at="settled_at", collected=False, answer={}, indexed=()
    )
    assert raw.key == ("day", "id")
    assert {"day", "settled_at"} <= features.columns.keys()
    assert not {"loaded_at", "made_by"} & {*raw.columns, *features.columns}
    assert (features.derived, features.index, predictions.key) == (False, (), ("id",))


def test_what_a_file_may_lack_is_not_required() -> None:
    assert declare_tables("loans", **LOANS)[0].required == ("Loan", "Amount")
    assert declare_tables("loans", **LOANS, optional=("Amount",))[0].required == ("Loan",)


@pytest.mark.parametrize("wrong", [{"catgories": ()}, {"asked": "Amount"}])
def test_a_key_that_is_none_or_of_a_wrong_type_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="1 validation error for Layout"):
        declare_tables("loans", **{**LOANS, **wrong})


@pytest.mark.parametrize(
    ("project", "config"), [("income", "adult"), ("credit_score", "customers"), ("ineligible_loan", "batch")]
)
def test_sections_that_a_config_leaves_out_are_the_platforms(project: str, config: str) -> None:
    spec = load_spec(project, config)
    assert spec.monitoring.baseline == "rule_prior"
    assert spec.inference.when_stale == "flag"
