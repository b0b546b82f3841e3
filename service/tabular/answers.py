"""Predictions of rows that have none yet, each made once, by the champion of the moment."""

from datetime import datetime

import pandas as pd

from db_handler.clock import TICK
from db_handler.connection.database import Connection
from db_handler.rows.changed_rows import read_changed_rows
from db_handler.rows.frames import upsert_rows
from service.spec import Spec
from service.step import Run
from service.step.answer_rows import answer_rows
from service.step.champion import explain_no_champion, find_champion_version
from service.step.load_champion import load_champion
from service.step.results import InferenceResult


def answer_due_rows(spec: Spec, run: Run) -> InferenceResult:
    """Predict every model row up to the moment that has no prediction yet, by the model and by each rule.

    A row whose label the champion was trained on gets none. On time is an answer that is written, by the home's clock,
    before its label has come, and for a moment that is not past.
    """
    if find_champion_version(run) is None:
        with run.database.begin(writing=False) as connection:
            waiting = len(read_due_rows(connection, spec, run, label_after=run.at))
        raise explain_no_champion(run, f", {waiting} rows wait for their answer")
    champion = load_champion(run)
    stale = champion.check_age(spec, run.at)

    def answer(connection: Connection) -> InferenceResult:
        due = read_due_rows(connection, spec, run, label_after=champion.at, again=champion.fallback is None)
        on_time = is_open(spec, due, run.written_at) & (not run.is_past)
        shared = due[[column for column in spec.data.predictions.columns if column in due]]
        predicted = shared.join(answer_rows(spec, run, champion, due))
        predicted = predicted.assign(on_time=on_time, **spec.data.where_in(spec.data.predictions))
        upsert_rows(connection, spec.data.predictions, predicted)
        late = int((~on_time).sum())
        result = InferenceResult(predicted=len(predicted), late=late, version=champion.version, stale=stale)
        if champion.fallback:
            result["fallback"] = champion.fallback
        return result

    return run.database.retry(answer)


def read_due_rows(
    connection: Connection, spec: Spec, run: Run, *, label_after: datetime, again: bool = False
) -> pd.DataFrame:
    """Read the rows without a prediction, except those whose label was known by a moment.

    With `again` those that a fallback answered are due once more, as long as their label is still to come.
    """
    data, until = spec.data, (spec.data.target_slot, run.at + TICK)
    mine, answered = data.where_in(data.features), data.where_in(data.predictions)

    def read(**which: None) -> pd.DataFrame:
        where_other = {**answered, **which}
        return read_changed_rows(
            connection, data.features, data.predictions, where=mine, where_other=where_other, until=until
        )

    rows = read(fallback=None) if again else read()
    rows = rows[is_open(spec, rows, label_after)]
    closed = ~is_open(spec, rows, run.written_at)
    if again and closed.any():
        key = list(data.features.key)
        unanswered = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(read()[key]))
        rows = rows[~closed | unanswered]
    return rows


def is_open(spec: Spec, rows: pd.DataFrame, at: datetime) -> "pd.Series[bool]":
    """Mark the rows whose label was still to come at a moment."""
    label_at = spec.data.label_at
    if label_at is None:
        return rows[spec.data.target].isna()
    return rows[label_at].isna() | (rows[label_at] > at)
