"""The step score: predictions whose truth has come are scored, as training scores its own."""

from typing import Any

import pandas as pd

from db_handler.frames import read_rows, upsert_rows
from service.spec import Spec
from service.step import Run

TARGET_EMPTY = "target_empty"  # a column of the model rows where a target can prove to be nothing at all


def score(spec: Spec, run: Run) -> dict[str, Any]:
    """Score the matured predictions of a unit; what was scored before is scored again where its truth changed."""
    data = spec.data
    window: dict[str, Any] = {
        "where": data.where,
        "since": (data.target_slot, run.at - pd.Timedelta(days=spec.monitoring.rescore_days)),
        "until": (data.target_slot, run.at - data.horizon + pd.Timedelta(microseconds=1)),
    }
    with run.database.begin(writing=False) as connection:
        predictions = read_rows(connection, data.predictions, **window)
        truths = read_rows(connection, data.features, columns=truth_columns(spec), order_by=data.features.key, **window)
    if predictions.empty:
        return {"scored": 0, "scored_again": 0}
    matured = score_predictions(spec, run, predictions.merge(truths, on=list(data.predictions.key), how="left"))

    upserted = run.database.retry(lambda connection: upsert_rows(connection, data.performance, matured))
    states = matured["state"].value_counts().to_dict()
    return {
        "scored": upserted.inserted,
        "scored_again": upserted.updated,
        **{str(k): int(v) for k, v in states.items()},
    }


def truth_columns(spec: Spec) -> list[str]:
    """Name the columns of the model rows that tell the truth of a prediction."""
    return [
        *spec.data.predictions.key,
        spec.data.target,
        *[TARGET_EMPTY] * (TARGET_EMPTY in spec.data.features.columns),
    ]


def score_predictions(spec: Spec, run: Run, rows: pd.DataFrame) -> pd.DataFrame:
    """Give each prediction its truth, its loss beside every naive rule's, and its state; the immature are left out."""
    data = spec.data
    empty = (
        rows[TARGET_EMPTY].fillna(False).astype(bool) if TARGET_EMPTY in rows else pd.Series(False, index=rows.index)
    )
    rows = rows[rows[data.target].notna() | empty].copy()
    void = rows[data.target].isna()
    truth = rows[data.target]
    rows["truth"] = truth
    rows["loss"] = run.project.measure_loss(truth, rows["predicted"])
    rules = [column for column in map(str, rows) if column.startswith("rule_")]
    for rule in rules:
        rows[f"{rule}_loss"] = run.project.measure_loss(truth, rows[rule])
    rows["baseline_loss"] = rows[f"{spec.monitoring.baseline}_loss"]
    if "predicted_low" in rows:
        rows["covered"] = (truth >= rows["predicted_low"]) & (truth <= rows["predicted_high"])
        rows["covered"] = rows["covered"].astype("boolean").mask(void)
    rows["state"] = rows["on_time"].astype(bool).map({True: "live", False: "late"}).mask(void, "void")
    rows["scored_at"] = run.at
    return rows[[column for column in data.performance.columns if column in rows]]
