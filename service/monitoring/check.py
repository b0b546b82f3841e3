"""The step check: whether the model rows are fit to train on and to predict from."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from db_handler.errors import NotYetError
from db_handler.rows.frames import read_rows
from service.spec import Spec
from service.step import Run
from service.step.results import CheckResult

ALLOWED_LATENESS = 3  # intervals of data by which the rows may lag behind `at` before something is wrong
ALLOWED_MISSING = 0.5  # share of the newest rows in which a feature may be missing
ALLOWED_RISE = 0.25  # or as much above its share in the rows before: some features are missing mostly, and always were
ALMOST_ALL = 0.98  # which nothing excuses
NEWEST_ROWS, ROWS_BEFORE = 42, 420
ALLOWED_EMPTY = 0.2  # share of empty slots above which these explain a missing feature: nothing is broken


class DataCheckError(NotYetError):
    """The model rows of a unit are not fit for use."""

    exit_status = 1


def check(spec: Spec, run: Run) -> CheckResult:
    """Look at the newest model rows; what is wrong with them is an error that blocks trainings until it is mended.

    A missing feature without which the project answers all the same blocks trainings only; of what a project itself
    finds wrong with its source, it says which of both it is.
    """
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            spec.data.features,
            where=spec.data.where_in(spec.data.features),
            order_by=f"-{spec.data.target_slot}",
            limit=NEWEST_ROWS + ROWS_BEFORE,
            until=(spec.data.target_slot, run.at + spec.data.horizon),
        )
    if rows.empty:
        raise NotYetError(f"{spec.unit}: no model rows in {spec.data.features.name} yet, collect some first: run data")
    prepared = run.result("preprocess")
    until = datetime.fromisoformat(prepared["until"])
    before, rows = rows.iloc[NEWEST_ROWS:], rows.head(NEWEST_ROWS)
    missing = find_missing(spec, rows, before)
    tolerated = [sentence for column, sentence in missing.items() if column in spec.features.answer_without]
    problems = [sentence for sentence in missing.values() if sentence not in tolerated]
    if late := describe_lateness(until, run.at, spec.data.horizon):
        problems.insert(0, late)
    problems += [prepared["broken"]] if "broken" in prepared else []
    tolerated += [prepared["unfit_to_train"]] if "unfit_to_train" in prepared else []
    if problems:
        raise DataCheckError(f"{spec.unit}: {'; '.join(problems)}")
    result = CheckResult(newest=rows[spec.data.target_slot].max().isoformat(), looked_at=len(rows))
    if tolerated:
        result["unfit_to_train"] = "; ".join(tolerated)
    return result


def describe_lateness(until: datetime, at: datetime, horizon: timedelta) -> str | None:
    """Say how far the model rows lag behind the moment; `until` is how far they are complete, empty slots included."""
    if at - until <= ALLOWED_LATENESS * horizon:
        return None
    return (
        f"the model rows are complete until {until:%Y-%m-%d %H:%M} UTC only, {at - until} before the moment asked for"
    )


def find_missing(spec: Spec, rows: pd.DataFrame, before: pd.DataFrame) -> dict[str, str]:
    """Tell of the features that are missing in most of the rows, and were not in those before.

    Unless so many slots have no row that they must be.
    """
    data, times = spec.data, rows[spec.data.target_slot]
    slots = (times.max() - times.min()) / data.horizon + 1
    has_slots = data.slot != data.target_slot  # rows that stand by themselves come when they come
    if has_slots and len(rows) < (1 - ALLOWED_EMPTY) * slots:
        return {}
    columns = list(spec.features.columns)
    shares = rows.reindex(columns=columns).isna().to_numpy().mean(axis=0)
    usual = before.reindex(columns=columns).isna().to_numpy().sum(axis=0) / max(len(before), NEWEST_ROWS)
    limits = np.clip(usual + ALLOWED_RISE, ALLOWED_MISSING, ALMOST_ALL)
    return {
        column: f"{column} is missing in {share:.0%} of the newest {len(rows)} rows"
        for column, share, limit in zip(columns, shares, limits, strict=True)
        if share > limit
    }
