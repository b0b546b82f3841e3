"""Golden raw rows of a version: what today's code makes of them says whether its columns still mean what they did."""

import logging
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from db_handler.rows.frames import read_rows
from db_handler.tables.columns import as_stored
from service.contract.project import Function
from service.spec import Spec
from service.spec.targets import name_columns
from service.step.champion import Champion
from service.step.purity import compare_values
from service.step.results import CHANGED_ROWS, Fallback
from service.step.run import Run

log = logging.getLogger(__name__)

GOLDEN_RAW = "golden_raw"  # beside a training's MLflow run, and how many of them in the recipe of its version
RAW, ANSWER = "raw_", "golden_"


def gather_golden_raw(run: Run, golden: pd.DataFrame, model: object) -> pd.DataFrame:
    """Lay together the raw rows of golden rows, what is made of them, and the model's answers; none for a series."""
    make_rows = run.project.make_rows
    raw = pd.DataFrame() if make_rows is None else _read_raw(run, golden)
    if make_rows is None or raw.empty:
        return pd.DataFrame()
    made = _make(run.spec, make_rows, raw)
    answers = _answer(run, model, made).add_prefix(ANSWER)
    return pd.concat([raw.add_prefix(RAW), made[list(run.spec.features.columns)], answers], axis="columns")


def mark_changed(run: Run, champion: Champion) -> Champion:
    """Mark a champion whose golden rows, made by today's code, are no longer those that it learned from."""
    if not champion.row.recipe.get(GOLDEN_RAW) or champion.find_lost_columns(run.spec):
        return champion
    sentence = run.once((GOLDEN_RAW, run.spec.unit, champion.version), lambda: _find_change(run, champion))
    if sentence is None:
        return champion
    log.error("%s", sentence)
    fallback = Fallback(by=CHANGED_ROWS, instead_of=champion.row.version, reason=sentence)
    return replace(champion, fallback=fallback)


def _find_change(run: Run, champion: Champion) -> str | None:
    """Find that a champion answers its golden rows otherwise now, and the first column that moved."""
    make_rows = run.project.make_rows
    if make_rows is None:
        return None
    kept = run.tracking.read_evidence(champion.row.mlflow_run, GOLDEN_RAW)
    table = run.spec.data.raw
    names = [str(name) for name in kept]
    raw = kept[[name for name in names if name.startswith(RAW)]].rename(columns=lambda name: str(name)[len(RAW) :])
    made = _make(run.spec, make_rows, as_stored(table.name, table.columns, raw))
    answers = _answer(run, champion.model, made)
    before = kept[[f"{ANSWER}{name}" for name in answers]].to_numpy(float)
    differing = ~np.isclose(answers.to_numpy(float), before, rtol=0, atol=1e-9, equal_nan=True).all(axis=1)
    read = champion.row.recipe["features"]["columns"]
    moved = [name for name in read if not compare_values(kept[name], made[name]).all()]
    if not differing.any() or not moved:
        return None
    whose = f"{run.spec.unit} version {champion.version}"
    return (
        f"{whose} answers {differing.sum()} of its {len(kept)} golden rows otherwise than at its training, since "
        f"today's code makes {', '.join(moved)} otherwise: train again, or take the change back"
    )


def _read_raw(run: Run, golden: pd.DataFrame) -> pd.DataFrame:
    """Read the newest raw row of each golden row, in their order; those that are there no more are left out."""
    data = run.spec.data
    key = [name for name in data.features.key if name in data.raw.columns]
    if not key:
        return pd.DataFrame()
    where = {**data.where_in(data.raw), **{name: golden[name].drop_duplicates().tolist() for name in key}}
    with run.database.begin(writing=False) as connection:
        raw = read_rows(connection, data.raw, where=where)
    return golden[key].merge(raw.drop_duplicates(key, keep="last"), on=key)[list(data.raw.columns)]


def _make(spec: Spec, make_rows: Function, raw: pd.DataFrame) -> pd.DataFrame:
    """Make model rows with the columns that they share with raw ones, as the key and times."""
    made = make_rows(spec, raw, Counter()).reset_index(drop=True)
    shared = [name for name in spec.data.features.columns if name in raw and name not in made]
    return made.join(raw[shared])  # type: ignore[no-any-return]


def _answer(run: Run, model: object, rows: pd.DataFrame) -> pd.DataFrame:
    predicted: pd.DataFrame = run.project.predict_rows(model, rows)
    return predicted[name_columns(run.spec.data, "predicted")]
