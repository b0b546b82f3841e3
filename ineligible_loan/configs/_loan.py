"""What the three configs share: the tables of ineligible_loan and the keys that only it has."""

from datetime import timedelta

from db_handler.tables.table import Table
from service import spec
from service.spec import Count
from service.spec.outcome_tables import performance_table, predictions_table
from service.spec.sources import Sources
from service.tabular import booster
from service.tabular.rules import RULES
from service.tabular.tables import RowData

CLASSES = ("eligible", "ineligible")
KEY = {"config": "text(32)", "loan_id": "text(32)"}
LOAN = {"loan_id": "text(32)", "applied_at": "time"}
ASKED = (  # what an application says, as text
    *("gender", "married", "dependents", "education", "self_employed", "applicant_income", "coapplicant_income"),
    *("loan_amount", "loan_term", "credit_history", "property_area"),
)
NUMBERS = (
    *("dependents", "applicant_income", "coapplicant_income", "loan_amount", "loan_term", "credit_history"),
    *("total_income", "instalment_share", "income_per_head"),
)
CATEGORIES = ("married", "education", "self_employed", "property_area")
WATCHED = ("gender",)

APPLICATIONS = Table(
    name="ineligible_loan_applications", columns={**LOAN, **dict.fromkeys(ASKED, "text(64)")}, key=("loan_id",)
)
DECISIONS = Table(
    name="ineligible_loan_decisions",
    columns={"loan_id": "text(32)", "decided_at": "time", "loan_status": "text(64)"},
    key=("loan_id",),
)
FILE = {  # the columns of the file that everybody has
    **{"Gender": "gender", "Married": "married", "Dependents": "dependents", "Education": "education"},
    **{"Self_Employed": "self_employed", "ApplicantIncome": "applicant_income"},
    **{"CoapplicantIncome": "coapplicant_income", "LoanAmount": "loan_amount", "Loan_Amount_Term": "loan_term"},
    **{"Credit_History": "credit_history", "Property_Area": "property_area"},
}


DELAY = timedelta(days=14)


class Data(RowData):
    """Applications of all configs together; what is predicted of them is each config's own."""

    classes = CLASSES
    slot = target_slot = "applied_at"
    label_at = "decided_at"
    label_delay = DELAY
    sources = Sources(
        tables=(APPLICATIONS, DECISIONS),
        columns={
            "Loan_ID": (f"{APPLICATIONS.name}.loan_id", f"{DECISIONS.name}.loan_id"),
            **{theirs: f"{APPLICATIONS.name}.{ours}" for theirs, ours in FILE.items()},
            "Loan_Status": f"{DECISIONS.name}.loan_status",
        },
        required=("Loan_ID", *FILE),
        key=("Loan_ID",),
        dated={APPLICATIONS.name: "applied_at"},
        labelled={DECISIONS.name: "decided_at"},
        label=("Loan_Status",),
    )
    raw = Table(
        name="ineligible_loan_raw",
        columns={**APPLICATIONS.columns, **DECISIONS.columns},
        key=("loan_id",),
        index=("applied_at",),
    )
    features = Table(
        name="ineligible_loan_features",
        columns={
            **LOAN,
            **dict.fromkeys(NUMBERS, "float"),
            **dict.fromkeys((*CATEGORIES, *WATCHED), "text(32)"),
            "target": "float",
            "decided_at": "time",
        },
        key=("loan_id",),
        index=("applied_at",),
    )
    predictions = predictions_table(
        "ineligible_loan_predictions", key=KEY, rules=RULES, classes=CLASSES, further={"applied_at": "time"}
    )
    performance = performance_table("ineligible_loan_performance", key=KEY, rules=RULES, further={"applied_at": "time"})


class Features(spec.Features):
    """Whether somebody gets a loan must not hang on gender, so no model reads it.

    It is kept as a slice to watch, because a model may find it through other columns.
    """

    columns = (*NUMBERS, *CATEGORIES)
    categories = CATEGORIES


class Model(booster.BoosterModel):
    """CatBoost on the applications as they are; few and shallow trees where there are few of them."""

    iterations = 150
    depth = 4
    learning_rate = 0.06
    grid = ({"depth": 2}, {"depth": 4}, {"depth": 6})


class Train(spec.Train):
    """Which applications a model learns from."""

    purge = DELAY  # what was not decided yet could not be learned from
    min_timestamps = 150  # so few loans are soon predicted by luck,
    p_value = 0.01  # and of three configs that are judged each month one would be lucky twice a year at 0.05
    months: Count | None = 6  # whole months before the month of the training; none: all that there are


class Inference(spec.Inference):
    """As the platform has it."""


class Monitoring(spec.Monitoring):
    """Weeks of decisions against the share of the ineligible, which stays what it was when the relation changes."""

    baseline = "rule_prior"
