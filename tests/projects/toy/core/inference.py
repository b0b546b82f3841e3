"""The step inference."""

from typing import Any

from db_handler.frames import read_rows, upsert_rows
from toy.trainer.train import predict_rows


def inference(spec: Any, run: Any) -> dict[str, Any]:
    champion = run.champion()
    with run.database.begin() as connection:
        rows = read_rows(
            connection, spec.data.features, where=spec.data.where,
            since=("target_slot", max(champion.training_end, run.at - spec.data.horizon)), until=("target_slot", run.at + spec.data.horizon),
        )  # fmt: skip
        predicted = rows[["series", "target_slot"]].join(predict_rows(champion.model, rows))
        upsert_rows(
            connection, spec.data.predictions, predicted.assign(at=run.at, on_time=True, version=champion.version)
        )
    return {"predicted": len(rows)}
