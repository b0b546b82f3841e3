"""Customers of a bank: their columns of today, and their credit score of weeks later."""

from datetime import timedelta

from credit_score.configs import _credit
from service import spec
from service.tabular.models.booster import BoosterModel
from service.tabular.tables import RowData, declare_tables

CLASSES = ("poor", "standard", "good")
FILE = (  # columns that a model can learn from
    *("Age", "Occupation", "Annual_Income", "Monthly_Inhand_Salary", "Num_Bank_Accounts", "Num_Credit_Card"),
    *("Interest_Rate", "Num_of_Loan", "Type_of_Loan", "Delay_from_due_date", "Num_of_Delayed_Payment"),
    *("Changed_Credit_Limit", "Num_Credit_Inquiries", "Credit_Mix", "Outstanding_Debt", "Credit_Utilization_Ratio"),
    *("Credit_History_Age", "Payment_of_Min_Amount", "Total_EMI_per_month", "Amount_invested_monthly"),
    *("Payment_Behaviour", "Monthly_Balance"),
)
CATEGORIES = ("occupation", "credit_mix", "payment_of_min_amount", "payment_behaviour")
BOUNDS: dict[str, tuple[float, float]] = {  # what can be true of a customer: an age of 7580 or -1 bank accounts can't
    **{"age": (14, 100), "annual_income": (0, 300_000), "monthly_inhand_salary": (0, 25_000)},
    **{"num_bank_accounts": (0, 20), "num_credit_card": (0, 20), "interest_rate": (0, 50), "num_of_loan": (0, 15)},
    **{"delay_from_due_date": (-30, 120), "num_of_delayed_payment": (0, 60), "changed_credit_limit": (-50, 100)},
    **{"num_credit_inquiries": (0, 40), "outstanding_debt": (0, 20_000), "credit_utilization_ratio": (0, 100)},
    "total_emi_per_month": (0, 3_000),
    "amount_invested_monthly": (0, 5_000),  # 10000 stands where nobody knows
    "monthly_balance": (0, 5_000),
}
DERIVED = ("credit_history_months", "loan_kinds", "debt_share", "instalment_share")
NUMBERS = (*BOUNDS, *DERIVED)


class Data(RowData):
    """Two tables of the feature store, merged into an extract a day, from which model rows are made."""

    classes = CLASSES
    label_at = "label_at"
    label_delay = timedelta(days=28)
    sources, raw, features, predictions, performance = declare_tables(
        "credit_score",
        asked=("Month", *FILE),
        optional=("Month",),
        label="Credit_Score",
        key=("ID", "Customer_ID"),
        personal=("Name", "SSN"),
        numbers=NUMBERS,
        categories=CATEGORIES,
        classes=CLASSES,
        tables={
            **{"rows": "credit_score_features", "labels": "credit_score"},
            **{"raw": "credit_score_features_target", "features": "credit_score_prepared"},
        },
        columns={"Credit_Score": "score"},
        ids={"id": "text(64)", "customer_id": "text(64)"},
        answer={},
        versions={"extract_date": "date"},
        label_at="label_at",
        collected=False,
        indexed=("rows", "labels", "features"),
    )


class Features(_credit.Features):
    """Columns of a customer; numbers beyond their bounds are missing."""

    columns = (*NUMBERS, *CATEGORIES)
    categories = CATEGORIES
    bounds = BOUNDS


class Model(BoosterModel):
    """CatBoost on scaled numbers and on categories as they are."""

    iterations = 100
    learning_rate = 0.12
    grid = tuple({"depth": depth, "learning_rate": rate} for depth in (3, 5) for rate in (0.08, 0.15))


class Train(spec.Train):
    """A first champion after four months: three of evidence, a third of which still waits for its labels."""

    min_rows = 1000
    margin = 0.001  # labels take a month: a challenger need only be better, not by much
    max_age_days = 365
