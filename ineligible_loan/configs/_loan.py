"""What the three configs share: the tables of ineligible_loan and the keys that only it has."""

from datetime import timedelta

from service import spec
from service.spec import Count
from service.tabular.models.booster import BoosterModel
from service.tabular.tables import RowData, declare_tables

CLASSES = ("eligible", "ineligible")
FILE = (  # the columns that everybody has
    *("Gender", "Married", "Dependents", "Education", "Self_Employed", "ApplicantIncome", "CoapplicantIncome"),
    *("LoanAmount", "Loan_Amount_Term", "Credit_History", "Property_Area"),
)
NUMBERS = (
    *("dependents", "applicant_income", "coapplicant_income", "loan_amount", "loan_term", "credit_history"),
    *("total_income", "instalment_share", "income_per_head"),
)
CATEGORIES = ("married", "education", "self_employed", "property_area")
DELAY = timedelta(days=14)


class Data(RowData):
    """Applications of all configs together; what is predicted of them is each config's own."""

    classes = CLASSES
    slot = target_slot = "applied_at"
    label_at = "decided_at"
    label_delay = DELAY
    sources, raw, features, predictions, performance = declare_tables(
        "ineligible_loan",
        asked=FILE,
        label="Loan_Status",
        key=("Loan_ID",),
        numbers=NUMBERS,
        categories=CATEGORIES,
        further=("gender",),
        classes=CLASSES,
        tables={"rows": "ineligible_loan_applications", "labels": "ineligible_loan_decisions"},
        columns={
            **{"ApplicantIncome": "applicant_income", "CoapplicantIncome": "coapplicant_income"},
            **{"LoanAmount": "loan_amount", "Loan_Amount_Term": "loan_term"},
        },
        moment="applied_at",
        known="decided_at",
        ids={"loan_id": "text(32)"},
        answer={"config": "text(32)"},
        text="text(64)",
        category="text(32)",
        collected=False,
        indexed=("raw", "features"),
    )


class Features(spec.Features):
    """Whether somebody gets a loan must not hang on gender, so no model reads it.

    It is kept as a slice to watch, because a model may find it through other columns.
    """

    columns = (*NUMBERS, *CATEGORIES)
    categories = CATEGORIES


class Model(BoosterModel):
    """CatBoost on the applications as they are; few and shallow trees where there are few of them."""

    learning_rate = 0.06
    grid = ({"depth": 2}, {"depth": 4}, {"depth": 6})


class Train(spec.Train):
    """Which applications a model learns from."""

    purge = DELAY  # what was not decided yet could not be learned from
    min_timestamps = 150  # so few loans are soon predicted by luck,
    p_value = 0.01  # and of three configs that are judged each month one would be lucky twice a year at 0.05
    months: Count | None = 6  # whole months before the month of the training; none: all that there are
