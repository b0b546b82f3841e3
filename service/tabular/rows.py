"""The rows that a training may learn from."""

from datetime import datetime, timedelta

import pandas as pd

from db_handler.errors import NotYetError
from db_handler.rows.frames import read_rows
from service.contract.moment import write_at
from service.spec import Spec
from service.spec.targets import hide_later_labels
from service.step import Run


def read_training_rows(
    spec: Spec, run: Run, *, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Read the model rows whose label was known at the moment of the run, oldest first."""
    data = spec.data
    mine, end = data.where_in(data.features), (data.target_slot, min(until or run.at, run.at))
    begin = (data.target_slot, since) if since else None
    with run.database.begin(writing=False) as connection:
        rows = read_rows(connection, data.features, where=mine, since=begin, until=end)
    labelled = hide_later_labels(spec, rows, run.at).dropna(subset=[data.target])
    if labelled.empty:
        raise NotYetError(
            f"{spec.unit} can't be trained yet: none of its {len(rows)} model rows before {write_at(run.at)} has a "
            "label that was known then; run data, or wait for labels"
        )
    return labelled.sort_values([data.target_slot, *data.features.key], ignore_index=True)


def choose_earlier(spec: Spec, rows: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Choose the rows that end before the evaluated ones and whose label was known then: they choose the recipe."""
    times, start = rows[spec.data.target_slot], at - timedelta(days=spec.train.evidence_days)
    earlier = hide_later_labels(spec, rows[times <= start - spec.purge - spec.train.embargo], start)
    earlier = earlier.dropna(subset=[spec.data.target])
    if len(earlier) < spec.train.min_rows:
        raise NotYetError(
            f"{spec.unit} can't be trained yet: {len(earlier)} labelled rows before {write_at(start)} and "
            f"{spec.train.min_rows} wanted (Train.min_rows); the {len(rows) - len(earlier)} of the last "
            f"{spec.train.evidence_days} days (Train.evidence_days) are its evidence"
        )
    return earlier


def need_classes(spec: Spec, rows: pd.DataFrame) -> None:
    """Refuse labelled rows that are all of one class: whatever is asked, a model of them has one answer."""
    codes = rows[spec.data.target].unique()
    if spec.data.classes and len(codes) == 1:
        label = spec.data.classes[int(codes[0])]
        raise NotYetError(
            f"{spec.unit} can't be trained yet: its {len(rows)} labelled rows are all {label!r}, and a model learns "
            "from two classes or more; look at the labels, or wait for others"
        )
