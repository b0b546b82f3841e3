"""The step inference."""

from typing import Any

from db_handler.rows.frames import read_rows, upsert_rows
from service.step.champion import load_champion
from toy.trainer.train import predict_rows


def inference(spec: Any, run: Any) -> dict[str, Any]:
    champion = load_champion(run)
    with run.database.begin() as connection:
        window = {
            "since": ("target_slot", max(champion.training_end, run.at - spec.data.horizon)),
            "until": ("target_slot", run.at + spec.data.horizon),
        }
        rows = read_rows(connection, spec.data.features, where=spec.data.where, **window)
        predicted = rows[["series", "target_slot"]].join(predict_rows(champion.model, rows))
        known = {"at": run.at, "on_time": True, "version": champion.version}
        upsert_rows(connection, spec.data.predictions, predicted.assign(**known))
    return {"predicted": len(rows)}
