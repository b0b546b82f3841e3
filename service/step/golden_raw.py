"""Golden raw rows of a version: what today's code makes of them says whether its columns still mean what they did."""

import inspect
import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from db_handler.errors import AwayError, QuartetError
from db_handler.rows.frames import read_rows
from db_handler.tables.columns import as_stored
from service.contract.describe_error import describe_bug
from service.spec.made_by import hash_making
from service.spec.make_rows import make_rows
from service.spec.targets import name_columns
from service.step.champion import Champion
from service.step.purity import compare_values
from service.step.results import CHANGED_ROWS, Fallback
from service.step.run import Run
from service.tracking.tracking_error import TrackingError

log = logging.getLogger(__name__)

GOLDEN_RAW = "golden_raw"  # raw rows beside a training's MLflow run; in the recipe what made model rows of them
GOLDEN_MADE = "golden_made"  # the model rows of then, with the answers
ANSWER = "golden_"


def keep_golden_raw(run: Run, mlflow_run: str, golden: pd.DataFrame, model: object, raw: pd.DataFrame | None) -> str:
    """Keep the raw rows of golden rows, what is made of them, and the model's answers; say by what it was made.

    A series hands over its raw rows with their history. The answer is empty where nothing can be made again.
    """
    made_by = _find_made_by(run)
    raw = _read_raw(run, golden) if raw is None and made_by else raw
    if not made_by or raw is None or raw.empty:
        return ""
    key, features = list(run.spec.data.features.key), list(run.spec.features.columns)
    made = golden[key].merge(_remake(run, raw), on=key)
    kept = made[list(dict.fromkeys([*key, *features]))].join(_answer(run, model, made).add_prefix(ANSWER))
    run.tracking.log_evidence(mlflow_run, raw, GOLDEN_RAW)
    run.tracking.log_evidence(mlflow_run, kept, GOLDEN_MADE)
    return made_by


def mark_changed(run: Run, champion: Champion) -> Champion:
    """Mark a champion whose golden rows, made by today's code, are no longer those that it learned from."""
    made_by = champion.row.recipe.get(GOLDEN_RAW)
    # To make a series again takes a while, and all that makes it stands in the folder that is hashed.
    same = run.project.read_rows is None and made_by == _find_made_by(run)
    if not made_by or same:
        return champion
    sentence = run.once((GOLDEN_RAW, run.spec.unit, champion.version), lambda: _find_change(run, champion))
    if sentence is None:
        return champion
    log.error("%s", sentence)
    fallback = Fallback(by=CHANGED_ROWS, instead_of=champion.row.version, reason=sentence)
    return replace(champion, fallback=fallback)


def _find_change(run: Run, champion: Champion) -> str | None:
    """Find that a champion answers its golden rows otherwise now, and the columns that moved; or not at all."""
    try:
        return _compare_golden(run, champion)
    except QuartetError:
        raise
    except Exception as error:
        whose = f"{run.spec.unit} version {champion.version}"
        return f"today's code fails on golden rows of {whose}: it {describe_bug(error)}; train again, or take it back"


def _compare_golden(run: Run, champion: Champion) -> str | None:
    golden = _read_golden(run, champion)
    if golden is None or not _find_made_by(run):
        return None
    raw, kept = golden
    table, key = run.spec.data.raw, list(run.spec.data.features.key)
    made = kept[key].merge(_remake(run, as_stored(table.name, table.columns, raw)), on=key)
    whose = f"{run.spec.unit} version {champion.version}"
    advice = "train again, or take the change back"
    if len(made) < len(kept):
        return f"today's code makes {len(made)} of the {len(kept)} golden rows of {whose}: {advice}"
    answers = _answer(run, champion.model, made)
    before = kept[[f"{ANSWER}{name}" for name in answers]].to_numpy(float)
    differing = ~np.isclose(answers.to_numpy(float), before, rtol=0, atol=1e-9, equal_nan=True).all(axis=1)
    read = champion.row.recipe["features"]["columns"]
    moved = [name for name in read if not compare_values(kept[name], made[name]).all()]
    if not differing.any() or not moved:
        return None
    return (
        f"{whose} answers {differing.sum()} of its {len(kept)} golden rows otherwise than at its training, since "
        f"today's code makes {', '.join(moved)} otherwise: {advice}"
    )


def _read_golden(run: Run, champion: Champion) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Read the raw rows and what was made of them; evidence that is damaged keeps nobody from an answer."""
    try:
        raw, made = (run.tracking.read_evidence(champion.row.mlflow_run, name) for name in (GOLDEN_RAW, GOLDEN_MADE))
    except AwayError:
        raise
    except TrackingError as error:
        log.warning("%s version %s: its golden rows can't be compared (%s)", run.spec.unit, champion.version, error)
        return None
    return raw, made


def _find_made_by(run: Run) -> str:
    function = run.project.read_rows or run.project.make_series
    return hash_making(run.spec, Path(inspect.getfile(function)).parent) if function else ""


def _remake(run: Run, raw: pd.DataFrame) -> pd.DataFrame:
    """Make model rows with the columns that they share with raw ones, as the key and times."""
    spec, project = run.spec, run.project
    if project.read_rows is None:
        series: pd.DataFrame = project.make_series(spec, raw)  # type: ignore[misc]
        return series
    return make_rows(project.read_rows, spec, raw, Counter()).reset_index(drop=True)


def _read_raw(run: Run, golden: pd.DataFrame) -> pd.DataFrame | None:
    """Read the newest raw row of each golden row; a series has to hand over its own."""
    data = run.spec.data
    key = [name for name in data.features.key if name in data.raw.columns]
    if not key or run.project.read_rows is None:
        return None
    where = {**data.where_in(data.raw), **{name: golden[name].drop_duplicates().tolist() for name in key}}
    with run.database.begin(writing=False) as connection:
        raw = read_rows(connection, data.raw, where=where)
    return golden[key].merge(raw.drop_duplicates(key, keep="last"), on=key)[list(data.raw.columns)]


def _answer(run: Run, model: object, rows: pd.DataFrame) -> pd.DataFrame:
    predicted: pd.DataFrame = run.project.predict_rows(model, rows)
    return predicted[name_columns(run.spec.data, "predicted")]
