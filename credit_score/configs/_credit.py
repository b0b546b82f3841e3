"""What a config of credit_score is made of: its tables, the columns of the file, and what can be true of a customer."""

from datetime import timedelta

from db_handler.tables.table import Table
from service import spec
from service.spec.outcome_tables import performance_table, predictions_table
from service.spec.sources import Sources
from service.tabular.rules import RULES
from service.tabular.tables import RowData

KEY = {"id": "text(64)", "customer_id": "text(64)"}
CLASSES = ("poor", "standard", "good")
# Columns of the file that a model can learn from; those of the tables have the same names in small letters.
FILE = (
    *("Age", "Occupation", "Annual_Income", "Monthly_Inhand_Salary", "Num_Bank_Accounts", "Num_Credit_Card"),
    *("Interest_Rate", "Num_of_Loan", "Type_of_Loan", "Delay_from_due_date", "Num_of_Delayed_Payment"),
    *("Changed_Credit_Limit", "Num_Credit_Inquiries", "Credit_Mix", "Outstanding_Debt", "Credit_Utilization_Ratio"),
    *("Credit_History_Age", "Payment_of_Min_Amount", "Total_EMI_per_month", "Amount_invested_monthly"),
    *("Payment_Behaviour", "Monthly_Balance"),
)
TEXTS = dict.fromkeys(("month", *map(str.lower, FILE)), "text")
CATEGORIES = ("occupation", "credit_mix", "payment_of_min_amount", "payment_behaviour")
BOUNDS: dict[str, tuple[float, float]] = {  # what can be true of a customer: an age of 7580 or -1 bank accounts can't
    "age": (14, 100),
    "annual_income": (0, 300_000),
    "monthly_inhand_salary": (0, 25_000),
    "num_bank_accounts": (0, 20),
    "num_credit_card": (0, 20),
    "interest_rate": (0, 50),
    "num_of_loan": (0, 15),
    "delay_from_due_date": (-30, 120),
    "num_of_delayed_payment": (0, 60),
    "changed_credit_limit": (-50, 100),
    "num_credit_inquiries": (0, 40),
    "outstanding_debt": (0, 20_000),
    "credit_utilization_ratio": (0, 100),
    "total_emi_per_month": (0, 3_000),
    "amount_invested_monthly": (0, 5_000),  # 10000 stands where nobody knows
    "monthly_balance": (0, 5_000),
}
DERIVED = ("credit_history_months", "loan_kinds", "debt_share", "instalment_share")


class Data(RowData):
    """Two tables of the feature store, merged into an extract a day, and what is made of the extracts."""

    classes = CLASSES
    label_at = "label_at"
    label_delay = timedelta(days=28)
    sources = Sources(
        tables=(
            Table(
                name="credit_score",
                columns={**KEY, "known_at": "time", "score": "text"},
                key=tuple(KEY),
                index=("known_at",),
            ),
            Table(
                name="credit_score_features",
                columns={**KEY, "moment": "time", **TEXTS},
                key=tuple(KEY),
                index=("moment",),
            ),
        ),
        columns={
            "ID": ("credit_score.id", "credit_score_features.id"),
            "Customer_ID": ("credit_score.customer_id", "credit_score_features.customer_id"),
            "Credit_Score": "credit_score.score",
            **{name: f"credit_score_features.{name.lower()}" for name in ("Month", *FILE)},
        },
        required=("ID", "Customer_ID", *FILE),
        dropped=("Name", "SSN"),
        key=("ID", "Customer_ID"),
        dated={"credit_score_features": "moment"},
        labelled={"credit_score": "known_at"},
        label=("Credit_Score",),
    )
    raw = Table(
        name="credit_score_features_target",
        columns={"extract_date": "date", **KEY, "moment": "time", **TEXTS, "score": "text", "label_at": "time"},
        key=("extract_date", *KEY),
    )
    features = Table(
        name="credit_score_prepared",
        columns={
            **KEY,
            "extract_date": "date",
            **dict.fromkeys(("moment", "label_at"), "time"),
            **dict.fromkeys(CATEGORIES, "text"),
            **dict.fromkeys((*BOUNDS, *DERIVED, "target"), "float"),
        },
        key=tuple(KEY),
        index=("moment",),
    )
    predictions = predictions_table(
        "credit_score_predictions", key=KEY, rules=RULES, further={"moment": "time"}, classes=CLASSES
    )
    performance = performance_table("credit_score_performance", key=KEY, rules=RULES, further={"moment": "time"})


class Features(spec.Features):
    """What is known of a customer; numbers beyond their bounds are missing."""

    columns = (*BOUNDS, *DERIVED, *CATEGORIES)
    categories = CATEGORIES
    bounds: dict[str, tuple[float, float]] = BOUNDS
