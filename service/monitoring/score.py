"""The step score: predictions whose truth has come are scored, as training scores its own."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db_handler.rows.frames import read_rows, upsert_rows
from service.monitoring.probation import answer_beside
from service.spec import Spec
from service.spec.targets import hide_later_labels, take
from service.step import Run
from service.step.results import ScoreResult

TARGET_EMPTY = "target_empty"  # a column of the model rows where a target can prove to be nothing at all

STATES: tuple[Literal["live", "late", "void", "fallback"], ...] = ("live", "late", "void", "fallback")


def score(spec: Spec, run: Run) -> ScoreResult:
    """Score the matured predictions of a unit; what was scored before is scored again where its truth changed.

    Then the champion before answers beside a new one, which has answered already.
    """
    data = spec.data
    window: dict[str, Any] = {
        "since": (data.target_slot, run.at - pd.Timedelta(days=spec.monitoring.rescore_days)),
        "until": (data.target_slot, run.at - data.horizon + pd.Timedelta(microseconds=1)),
    }
    with run.database.begin(writing=False) as connection:
        predictions = read_rows(connection, data.predictions, where=data.where_in(data.predictions), **window)
        truths = read_rows(
            connection,
            data.features,
            columns=truth_columns(spec),
            where=data.where_in(data.features),
            order_by=data.features.key,
            **window,
        )
    if predictions.empty:
        return ScoreResult(scored=0, scored_again=0)
    truths = hide_later_labels(spec, truths, run.at)
    key = [column for column in data.predictions.key if column in truths]
    matured = score_predictions(spec, run, predictions.merge(truths, on=key, how="left"))

    upserted = run.database.retry(lambda connection: upsert_rows(connection, data.performance, matured))
    result = ScoreResult(scored=upserted.inserted, scored_again=upserted.updated)
    states = matured["state"].tolist()
    for state in STATES:
        if state in states:
            result[state] = states.count(state)
    if answered := answer_beside(run):
        result["shadow"] = answered
    if data.label_at:
        result["label_share"] = len(matured) / len(predictions)
    return result


def truth_columns(spec: Spec) -> list[str]:
    """Name the columns of the model rows that tell the truth of a prediction."""
    data, columns = spec.data, spec.data.features.columns
    further = [column for column in (data.label_at, TARGET_EMPTY) if column in columns]
    return [*(column for column in data.predictions.key if column in columns), data.target, *map(str, further)]


def score_predictions(spec: Spec, run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Give each prediction its truth, its loss beside every naive rule's, and its state; the immature are left out."""
    data, measure = spec.data, run.project.measure_loss
    matured = rows[data.target].notna().to_numpy()
    if TARGET_EMPTY in rows:
        matured = matured | rows[TARGET_EMPTY].fillna(False).to_numpy(bool)
    rows = rows[matured]
    truth, void = rows[data.target], rows[data.target].isna().to_numpy()
    losses = {f"{rule}_loss": measure(truth, take(data, rows, rule)) for rule in data.rules}
    scored = {
        **{column: rows[column] for column in data.performance.columns if column in rows},
        **losses,
        "truth": truth,
        "loss": measure(truth, take(data, rows, "predicted")),
        "baseline_loss": losses[f"{spec.monitoring.baseline}_loss"],
        "state": _name_states(rows, void),
        "scored_at": pd.Timestamp(run.at),
    }
    if "predicted_low" in rows and not data.classes:  # a class may be called low
        inside = (truth >= rows["predicted_low"]) & (truth <= rows["predicted_high"])
        scored["covered"] = pd.arrays.BooleanArray(
            inside.to_numpy(bool), void | rows["predicted_low"].isna().to_numpy()
        )
    return pd.DataFrame(scored)


def _name_states(rows: pd.DataFrame, void: NDArray[np.bool_]) -> NDArray[np.str_]:
    """Name the state of each row; what answered in the champion's place is scored, and is no evidence about it."""
    states = np.where(rows["on_time"].to_numpy(bool), "live", "late")
    states = np.where((states == "live") & rows["fallback"].notna().to_numpy(), "fallback", states)
    return np.where(void, "void", states)
