"""Everybody who asks, in one unit: requests with the columns of UCI Adult, and labels that come a week later."""

from datetime import timedelta

from income.configs import _income
from service import spec
from service.tabular.tables import RowData, declare_tables

CLASSES = ("low", "high")
FILE = (
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship"),
    *("race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"),
)
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
    """Requests come at any time."""

    horizon = timedelta(hours=1)
    slot = target_slot = "requested_at"
    classes = CLASSES
    label_delay = timedelta(days=7)
    sources, raw, features, predictions, performance = declare_tables(
        "income",
        asked=FILE,
        optional=FILE,  # whatever a file lacks is answered all the same
        label="income-per-year",
        numbers=tuple(BOUNDS),
        categories=CATEGORIES,
        further=WATCHED,
        classes=CLASSES,
        tables={"rows": "income_requests"},
        columns={"income-per-year": "income"},
        moment="requested_at",
        answer={},
    )


class Features(spec.Features):
    """What the model reads; README.md says what it doesn't, and why."""

    columns = (*BOUNDS, *CATEGORIES)
    categories = CATEGORIES
    answer_without = (*BOUNDS, *CATEGORIES)


class Model(_income.Model):
    """CatBoost on numbers with gaps, and on categories of which a missing one is a category too."""

    iterations = 200
    depth = 5
    grid = ({"depth": 4, "learning_rate": 0.1}, {"depth": 6, "learning_rate": 0.06})


class Train(spec.Train):
    """Groups are judged where there are enough of them."""

    slice_min_rows = 100  # of fewer, one or two surprises would look like a group that suffers
