"""What the configs of income share: requests with the columns of UCI Adult, and labels that come later."""

from datetime import timedelta

from db_handler.tables.table import Table
from service import spec
from service.spec import Positive
from service.spec.outcome_tables import performance_table, predictions_table
from service.spec.sources import Sources
from service.tabular.booster import BoosterModel
from service.tabular.rules import RULES
from service.tabular.tables import MADE_BY, RowData

KEY = {"id": "text(32)"}
CLASSES = ("low", "high")
# The columns of the file; those of the tables have the same names with underscores.
FILE = (
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship"),
    *("race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"),
)
ASKED = {name: name.replace("-", "_") for name in FILE}
# Texts without a limit: what somebody asks is stored and answered, however long a slip of the keyboard is.
TEXTS = dict.fromkeys(ASKED.values(), "text")
BOUNDS: dict[str, tuple[float, float | None]] = {  # what can be true of somebody with an income
    "age": (14, 100),
    "education_num": (1, 16),
    "capital_gain": (0, None),
    "capital_loss": (0, None),
    "hours_per_week": (0, 168),
}
CATEGORIES = ("workclass", "marital_status", "occupation")
WATCHED = ("sex", "race")  # slices to watch, never features


class Data(RowData):
    """Requests come at any time, their labels about a week later."""

    horizon = timedelta(hours=1)
    slot = target_slot = "requested_at"
    classes = CLASSES
    label_delay = timedelta(days=7)
    sources = Sources(
        tables=(
            Table(name="income_requests", columns={**KEY, "requested_at": "time", **TEXTS}, key=tuple(KEY)),
            Table(name="income_labels", columns={**KEY, "known_at": "time", "income": "text"}, key=tuple(KEY)),
        ),
        columns={
            **{column: f"income_requests.{name}" for column, name in ASKED.items()},
            "income-per-year": "income_labels.income",
        },
        required=(),  # whatever a file lacks is answered all the same
        made_id=("income_requests.id", "income_labels.id"),
        dated={"income_requests": "requested_at"},
        labelled={"income_labels": "known_at"},
        label=("income-per-year",),
    )
    raw = Table(
        name="income_raw",
        columns={**KEY, **dict.fromkeys(("requested_at", "known_at", "loaded_at"), "time"), **TEXTS, "income": "text"},
        key=tuple(KEY),
    )
    features = Table(
        name="income_features",
        columns={
            **KEY,
            **dict.fromkeys(("requested_at", "known_at", "loaded_at"), "time"),
            **dict.fromkeys((*CATEGORIES, *WATCHED), "text"),
            **dict.fromkeys((*BOUNDS, "target"), "float"),
            MADE_BY: "text(16)",
        },
        key=tuple(KEY),
        index=("requested_at",),
        derived=True,
    )
    predictions = predictions_table(
        "income_predictions", key=KEY, rules=RULES, further={"requested_at": "time"}, classes=CLASSES
    )
    performance = performance_table("income_performance", key=KEY, rules=RULES, further={"requested_at": "time"})


class Features(spec.Features):
    """What the model reads; README.md says what it doesn't, and why."""

    columns = (*BOUNDS, *CATEGORIES)
    categories = CATEGORIES
    answer_without = (*BOUNDS, *CATEGORIES)


class Model(BoosterModel):
    """CatBoost on numbers with gaps, and on categories of which a missing one is a category too.

    Newer rows count more: where nothing changes that costs next to nothing (log loss 0.340 against 0.339 on practice
    data), and two weeks after a change it is 0.60 against 0.66.
    """

    half_life_days: Positive = 60
    iterations = 200
    depth = 5
    learning_rate = 0.1
    grid = (
        {"depth": 4, "learning_rate": 0.1},
        {"depth": 6, "learning_rate": 0.06},
    )


class Train(spec.Train):
    """Groups are judged where there are enough of them."""

    slice_min_rows = 100  # of fewer, one or two surprises would look like a group that suffers


class Inference(spec.Inference):
    """As the platform has it."""


class Monitoring(spec.Monitoring):
    """Weekly windows against the shares of the classes, which a change of the world leaves as they are."""

    baseline = "rule_prior"
