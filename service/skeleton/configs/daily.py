"""One row is a product on a day; how many units were sold is known on the next day."""

from datetime import timedelta

from service import spec
from service.tabular.models.booster import BoosterModel
from service.tabular.tables import RowData, declare_tables

# FILL IN 1/5: your columns and what the model reads of them, the label and how late it comes.
NUMBERS = ("price", "temperature", "month")
CATEGORIES = ("product", "promotion", "weekday")


class Data(RowData):
    """The label is a number."""

    label_delay = timedelta(days=1)
    sources, raw, features, predictions, performance = declare_tables(
        "skeleton",
        asked=("product", "price", "promotion", "temperature"),
        label="units",
        date="date",
        numbers=NUMBERS,
        categories=CATEGORIES,
    )


class Features(spec.Features):
    """What the model reads."""

    columns = (*NUMBERS, *CATEGORIES)
    categories = CATEGORIES


class Model(BoosterModel):
    """CatBoost; each entry of the grid is a trial."""

    grid = ({"depth": 4}, {"depth": 6})
