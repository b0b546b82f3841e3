"""The step evaluate: the level of the newest earlier rows, day after day."""

from typing import Any

from db_handler.rows.frames import read_rows
from service.training.evidence import keep_evidence
from toy.evaluator.evaluate import measure_loss
from toy.trainer.train import NEWEST


def evaluate(spec: Any, run: Any) -> dict[str, Any]:
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection, spec.data.features, where=spec.data.where, until=("target_slot", run.at - spec.data.horizon)
        )
    rows["predicted"] = rows["target"].shift(1).rolling(NEWEST, min_periods=5).mean() * spec.model.shrink
    rows = rows.dropna(subset=["predicted"]).tail(90)
    rows["loss"] = measure_loss(rows["target"], rows["predicted"])
    rows["rule_zero_loss"] = measure_loss(rows["target"], rows["target"] * 0)
    keep_evidence(run, rows.rename(columns={"target": "truth"}), {"loss": rows["loss"].mean()})
    return {"loss": float(rows["loss"].mean()), "probes": {"permuted labels": None}}
