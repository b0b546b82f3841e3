"""The step train."""

from functools import partial
from typing import Any

from db_handler.errors import NotYetError
from db_handler.rows.frames import read_rows
from service.training.keep_model import find_same_model, keep_model, record_trial
from toy.trainer.train import fit_model


def train(spec: Any, run: Any) -> dict[str, Any]:
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection, spec.data.features, where=spec.data.where, until=("target_slot", run.at - spec.data.horizon)
        )
    if len(rows) < 10:
        raise NotYetError(f"{spec.unit}: only {len(rows)} rows to train on, 10 wanted")
    known = find_same_model(run, rows)
    if known:
        return known
    model = fit_model(spec, rows, partial(record_trial, run))
    return keep_model(
        run,
        model,
        rows=rows,
        training_end=rows["target_slot"].max() + spec.data.horizon,
        params={"shrink": spec.model.shrink},
        metrics={},
    )
