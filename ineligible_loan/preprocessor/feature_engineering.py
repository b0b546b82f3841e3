"""Derives columns from several columns of one application."""

from math import nan

from service.contract.one_value import Column, each

THOUSAND = 1000  # amounts are in thousands, incomes are not
MOST_DEPENDENTS = 3.0  # files differ in whether they count on: 3 means three or more


def derive_columns(clean: dict[str, Column]) -> dict[str, Column]:
    """Derive a household's income, the share of it that the instalment takes, and the income per head."""
    dependents = each(lambda number: min(number, MOST_DEPENDENTS), clean["dependents"])
    income = each(lambda own, other: own + other, clean["applicant_income"], clean["coapplicant_income"])
    return {
        "dependents": dependents,
        "total_income": income,
        "instalment_share": each(share_income, clean["loan_amount"], clean["loan_term"], income),
        "income_per_head": each(share_out, income, clean["married"], dependents),
    }


def share_income(amount: float, months: float, income: float) -> float:
    """Say what share of an income an instalment takes; of nothing it has none."""
    return amount * THOUSAND / months / income if income > 0 else nan


def share_out(income: float, married: str | None, dependents: float) -> float:
    """Divide an income by all who live on it."""
    return income / (1 + (married == "Yes") + dependents)
