"""Derives columns from several columns of one application."""

import pandas as pd

THOUSAND = 1000  # amounts are in thousands, incomes are not


def derive_columns(clean: pd.DataFrame) -> dict[str, pd.Series]:
    """Derive a household's income, the share of it that the instalment takes, and the income per head."""
    income = clean["applicant_income"] + clean["coapplicant_income"]
    earned = income.where(income > 0)  # an instalment has no share of nothing
    adults = 1 + (clean["married"] == "Yes")
    return {
        "total_income": income,
        "instalment_share": clean["loan_amount"] * THOUSAND / clean["loan_term"] / earned,
        "income_per_head": income / (adults + clean["dependents"]),
    }
