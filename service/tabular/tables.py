"""The tables of a project whose rows stand by themselves, from a handful of names."""

from datetime import timedelta
from typing import Any

from pydantic import model_validator

from db_handler.tables.table import Table
from service import spec
from service.spec.made_by import MADE_BY
from service.spec.outcome_tables import performance_table, predictions_table
from service.spec.sources import Sources
from service.spec.targets import name_columns
from service.tabular.layout import KNOWN, MOMENT, Layout
from service.tabular.models.interval import COLUMNS as INTERVAL
from service.tabular.models.rules import RULES

Declared = tuple[Sources, Table, Table, Table, Table]


class RowData(spec.Data):
    """Rows with a moment of their own, a label that becomes known later, and data once a day."""

    horizon: spec.Span = timedelta(days=1)
    slot: str = MOMENT
    target_slot: str = MOMENT
    label_at: str | None = KNOWN
    rules: tuple[str, ...] = RULES
    in_series: bool = False

    @model_validator(mode="after")
    def _check_classes(self) -> "RowData":
        columns = self.predictions.columns
        odds = [name for name in columns if name.startswith("predicted_") and (self.classes or name not in INTERVAL)]
        if odds != name_columns(self, "predicted") and (odds or self.classes):
            raise ValueError("classes and the classes that declare_tables was given are not the same")
        return self


class Monitoring(spec.Monitoring):
    """Weekly windows against the rule that needs no row; a config that leaves the section out gets this one."""

    baseline: str = RULES[0]


def declare_tables(project: str, **names: Any) -> Declared:
    """Declare sources, raw, features, predictions and performance; `names` are the keys of `Layout`.

    >>> declared = declare_tables("income", asked=("age",), label="rich", numbers=("age",), categories=())
    >>> [table.name for table in declared[1:]]
    ['income_raw', 'income_features', 'income_predictions', 'income_performance']
    """
    layout = Layout(project=project, **names)
    shared: dict[str, Any] = {"key": {**layout.answer, **layout.row_key}, "rules": RULES}
    shared["further"] = {layout.moment: "time"}
    performance = performance_table(layout.name_table("performance"), **shared)
    shared["further"] |= dict.fromkeys(INTERVAL if layout.interval else (), "float")
    predictions = predictions_table(layout.name_table("predictions"), **shared, classes=layout.classes)
    return _declare_sources(layout), _declare_raw(layout), _declare_features(layout), predictions, performance


def _declare_sources(layout: Layout) -> Sources:
    moments, answer = {"rows": layout.moment, "labels": layout.known}, layout.name_column(layout.label)
    held = {"rows": layout.texts, "labels": {answer: layout.text}}
    rows, labels = (
        Table(
            name=layout.name_table(kind),
            columns={**layout.row_key, moment: "time", **held[kind]},
            key=tuple(layout.row_key),
            index=(moment,) if kind in layout.indexed else (),
        )
        for kind, moment in moments.items()
    )
    places: dict[str, str | tuple[str, ...]] = {}
    for column in layout.file:
        name = layout.name_column(column)
        in_both = (f"{rows.name}.{name}", f"{labels.name}.{name}")
        places[column] = in_both if name in layout.ids else in_both[0]
    places[layout.label] = f"{labels.name}.{answer}"
    required = [name for name in layout.file if name not in layout.optional]
    return Sources(
        tables=(rows, labels),
        columns=places,
        required=(*required, layout.date) if layout.date else tuple(required),
        dropped=layout.personal,
        key=layout.key,
        made_id=() if layout.ids else (f"{rows.name}.id", f"{labels.name}.id"),
        date=layout.date,
        dated={rows.name: layout.moment},
        labelled={labels.name: layout.known},
        label=(layout.label,),
    )


def _declare_raw(layout: Layout) -> Table:
    texts = {**layout.texts, layout.name_column(layout.label): layout.text}
    return Table(
        name=layout.name_table("raw"),
        columns={**layout.versions, **layout.row_key, **layout.times, **texts},
        key=(*layout.versions, *layout.row_key),
        index=(layout.moment,) if "raw" in layout.indexed else (),
    )


def _declare_features(layout: Layout) -> Table:
    texts = dict.fromkeys((*layout.categories, *layout.further), layout.category)
    numbers = dict.fromkeys((*layout.numbers, "target"), "float")
    made_by = {MADE_BY: "text(16)"} if layout.collected else {}
    return Table(
        name=layout.name_table("features"),
        columns={**layout.row_key, **layout.versions, **layout.times, **texts, **numbers, **made_by},
        key=tuple(layout.row_key),
        index=(layout.moment,) if "features" in layout.indexed else (),
        derived=layout.collected,
    )
