"""The tables of a project whose rows stand by themselves, from a handful of names."""

from datetime import timedelta

from pydantic import model_validator

from db_handler.tables.table import Table
from service import spec
from service.spec.outcome_tables import performance_table, predictions_table
from service.spec.prediction_columns import name_columns
from service.spec.sources import Sources
from service.tabular.rules import RULES

KEY = {"id": "text(32)"}
ANSWER_KEY = {"config": "text(63)", **KEY}  # each config answers for itself
MOMENT, KNOWN, LOADED = "moment", "known_at", "loaded_at"
MADE_BY = "made_by"  # the code that made a model row
Declared = tuple[Sources, Table, Table, Table, Table]


class RowData(spec.Data):
    """Rows with a moment of their own, a label that becomes known later, and data once a day."""

    horizon: spec.Span = timedelta(days=1)
    slot: str = MOMENT
    target_slot: str = MOMENT
    label_at: str | None = KNOWN
    rules: tuple[str, ...] = RULES

    @model_validator(mode="after")
    def _check_classes(self) -> "RowData":
        odds = [name for name in self.predictions.columns if name.startswith("predicted_")]
        if odds != name_columns(self, "predicted") and (odds or self.classes):
            raise ValueError("classes and the classes that declare_tables was given are not the same")
        return self


def declare_tables(
    project: str,
    *,
    asked: tuple[str, ...],
    label: str,
    numbers: tuple[str, ...],
    categories: tuple[str, ...],
    date: str | None = None,
    key: tuple[str, ...] = (),
    personal: tuple[str, ...] = (),
    classes: tuple[str, ...] = (),
    further: tuple[str, ...] = (),
) -> Declared:
    """Declare sources, raw, features, predictions and performance.

    `asked` are the columns of the file that are known when a row is asked about, `label` is the one that comes later,
    `date` the one with the row's own date, `key` those that name a row (without any its whole content does);
    `personal` ones are never stored. Model rows hold `numbers` and `categories`, and texts in `further`, such as groups
    that are watched and not learned from.

    >>> declared = declare_tables("income", asked=("age",), label="rich", numbers=("age",), categories=())
    >>> [table.name for table in declared[1:]]
    ['income_raw', 'income_features', 'income_predictions', 'income_performance']
    """
    columns = {name: _write_name(name) for name in dict.fromkeys([*asked, *key])}
    texts = dict.fromkeys(columns.values(), "text")
    rows = Table(name=f"{project}_rows", columns={**KEY, MOMENT: "time", **texts}, key=tuple(KEY))
    answer = _write_name(label)
    labels = Table(name=f"{project}_labels", columns={**KEY, KNOWN: "time", answer: "text"}, key=tuple(KEY))
    sources = Sources(
        tables=(rows, labels),
        columns={**{name: f"{rows.name}.{own}" for name, own in columns.items()}, label: f"{labels.name}.{answer}"},
        required=(*asked, date) if date else asked,
        dropped=personal,
        key=key,
        made_id=(f"{rows.name}.id", f"{labels.name}.id"),
        date=date,
        dated={rows.name: MOMENT},
        labelled={labels.name: KNOWN},
        label=(label,),
    )
    times = dict.fromkeys((MOMENT, KNOWN, LOADED), "time")
    raw = Table(name=f"{project}_raw", columns={**KEY, **times, **texts, answer: "text"}, key=tuple(KEY))
    read = {**dict.fromkeys((*categories, *further), "text"), **dict.fromkeys((*numbers, "target"), "float")}
    features = Table(
        name=f"{project}_features",
        columns={**KEY, **times, **read, MADE_BY: "text(16)"},
        key=tuple(KEY),
        index=(MOMENT,),
        derived=True,
    )
    own = {"key": ANSWER_KEY, "rules": RULES, "further": {MOMENT: "time"}}
    predictions = predictions_table(f"{project}_predictions", **own, classes=classes)  # type: ignore[arg-type]
    return sources, raw, features, predictions, performance_table(f"{project}_performance", **own)  # type: ignore[arg-type]


def _write_name(column: str) -> str:
    """Write the column of a file as a table has it.

    >>> _write_name("Annual Income-USD")
    'annual_income_usd'
    """
    return "_".join("".join(letter if letter.isalnum() else " " for letter in column.lower()).split())
