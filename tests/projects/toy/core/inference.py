"""The step inference."""

from typing import Any

from db_handler.rows.frames import read_rows, upsert_rows
from service.step.answer_rows import answer_rows
from service.step.load_champion import load_champion


def inference(spec: Any, run: Any) -> dict[str, Any]:
    champion = load_champion(run)
    with run.database.begin() as connection:
        window = {
            "since": ("target_slot", max(champion.training_end, run.at - spec.data.horizon)),
            "until": ("target_slot", run.at + spec.data.horizon),
        }
        rows = read_rows(connection, spec.data.features, where=spec.data.where, **window)
        predicted = rows[["series", "target_slot"]].join(answer_rows(spec, run, champion, rows))
        upsert_rows(connection, spec.data.predictions, predicted.assign(on_time=True))
    return {"predicted": len(rows), "fallback": champion.fallback}
