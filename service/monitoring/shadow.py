"""The shadow: a dethroned champion answers the rows of the new one, in a table that nobody is served from."""

import pandas as pd

from db_handler.clock import TICK
from db_handler.ledger.decisions import Decision
from db_handler.rows.changed_rows import read_changed_rows
from db_handler.rows.frames import read_rows, upsert_rows
from service.spec.targets import name_columns, take
from service.step import Run
from service.step.champion import load_version


def answer_rows_again(run: Run, promotion: Decision) -> int:
    """Let the champion before a promotion answer the rows that the new one answered in time and by itself."""
    data, before = run.spec.data, promotion.version_before
    assert before is not None  # noqa: S101  # or there would be no probation
    own = {"version": promotion.version_after, "on_time": True, "fallback": None}
    with run.database.begin(writing=False) as connection:
        due = read_changed_rows(
            connection,
            data.predictions,
            data.shadow,
            where={**data.where_in(data.predictions), **own},
            where_other={"version": before},
        )
    due = due[due["at"] > promotion.at]
    if due.empty:
        return 0
    champion = load_version(run, before)
    rows = _read_model_rows(run, due)
    names = name_columns(data, "predicted")
    answers = run.project.predict_rows(champion.model, rows)[names]
    shadow = rows[list(data.predictions.key)].assign(version=before).join(answers)
    run.database.retry(lambda connection: upsert_rows(connection, data.shadow, shadow))
    return len(shadow)


def pair_with_shadow(run: Run, promotion: Decision) -> pd.DataFrame:
    """Put the shadow's loss beside the champion's on the live rows whose truth has come, the oldest first."""
    data = run.spec.data
    own = {"state": "live", "version": promotion.version_after}
    key = list(data.predictions.key)
    order = list(dict.fromkeys([data.target_slot, *key]))
    with run.database.begin(writing=False) as connection:
        scored = read_rows(
            connection,
            data.performance,
            columns=[*order, "truth", "loss"],
            where={**data.where_in(data.performance), **own},
            since=("at", promotion.at + TICK),
        )
        shadow = read_rows(
            connection,
            data.shadow,
            where={**data.where_in(data.shadow), "version": promotion.version_before},
        )
    paired = scored.merge(shadow, on=key)
    paired["shadow_loss"] = run.project.measure_loss(paired["truth"], take(data, paired, "predicted"))
    return paired.dropna(subset=["loss", "shadow_loss"]).sort_values(order, ignore_index=True)


def _read_model_rows(run: Run, answered: pd.DataFrame) -> pd.DataFrame:
    """Read the model rows of predictions, with the key of these."""
    data = run.spec.data
    times = answered[data.target_slot]
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.features,
            where=data.where_in(data.features),
            since=(data.target_slot, times.min().to_pydatetime()),
            until=(data.target_slot, times.max().to_pydatetime() + TICK),
        )
    key = [column for column in data.predictions.key if column in rows]
    return answered[list(data.predictions.key)].merge(rows, on=key)
