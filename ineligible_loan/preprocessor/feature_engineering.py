"""What several columns of one application say together."""

import pandas as pd

THOUSAND = 1000  # amounts are in thousands, incomes are not


def derive_columns(clean: pd.DataFrame) -> dict[str, pd.Series]:
    """Derive what a household has, what of it the loan takes each month, and what is there for each head."""
    income = clean["applicant_income"] + clean["coapplicant_income"]
    earned = income.where(income > 0)  # nobody can say which share of nothing an instalment is
    adults = 1 + (clean["married"] == "Yes")
    return {
        "total_income": income,
        "instalment_share": clean["loan_amount"] * THOUSAND / clean["loan_term"] / earned,
        "income_per_head": income / (adults + clean["dependents"]),
    }
