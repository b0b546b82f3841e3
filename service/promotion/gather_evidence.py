"""What the gate judges by: probes, the artifact loaded again, and the champion's losses on the challenger's rows."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db_handler.errors import NotYetError
from db_handler.ledger.decisions import read_decision, read_decisions
from db_handler.ledger.models import ModelRow
from db_handler.ledger.runs import RunRow, find_result
from db_handler.rows.frames import read_rows
from service.promotion.gate import Drop
from service.spec.targets import hide_later_labels, name_columns, take
from service.step import Run
from service.step.champion import Champion, find_promotion
from service.tracking.registry import load_model
from service.training.evidence import find_informed, read_golden_rows


def read_force(run: Run, challenger: ModelRow) -> str | None:
    """Read why a version was trained though its data was not fit, if it was."""
    training = _find_step(run, challenger, "train")
    return (training.result or {}).get("forced") if training else None


def read_probes(run: Run, challenger: ModelRow) -> dict[str, str | None]:
    """Read what the probes of a version's training said."""
    evaluation = _find_step(run, challenger, "evaluate")
    if evaluation is None or evaluation.result is None:
        raise NotYetError(
            f"{run.spec.unit}: version {challenger.version} has not been evaluated: run train --step evaluate first"
        )
    return dict(evaluation.result["probes"])


def _find_step(run: Run, challenger: ModelRow, step: str) -> RunRow | None:
    """Find a step of the training that left a version."""
    with run.database.begin(writing=False) as connection:
        return find_result(
            connection,
            project=run.spec.project,
            config=run.spec.config,
            step=step,
            at=challenger.at,
            cause=challenger.cause,
        )


def measure_reload(run: Run, challenger: ModelRow) -> float:
    """Load the registered artifact again and measure how far its predictions are from those that were kept."""
    golden = read_golden_rows(run, challenger.mlflow_run)
    model = load_model(run.tracking, run.spec.unit, challenger.version, fresh=True)
    again = run.project.predict_rows(model, golden.rows)[name_columns(run.spec.data, "predicted")].to_numpy(float)
    return measure_distance(again, golden.predicted)


def measure_distance(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Measure the largest difference; what neither predicts is the same, what only one predicts is not a number."""
    neither = np.isnan(ours) & np.isnan(theirs)
    return float(np.max(np.where(neither, 0.0, np.abs(ours - theirs)), initial=0.0))


def find_drop(run: Run, challenger: ModelRow, evidence: pd.DataFrame) -> Drop | None:
    """Find the drop that called for a training; none when the clock, age or a person called."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        decision = read_decision(connection, challenger.cause)
        called = read_decisions(connection, spec.project, spec.config, subject="retrain", verdict="retrain")
        resumed = read_decisions(connection, spec.project, spec.config, subject="resume", until=challenger.at)
        looked = resumed[-1].at if resumed else None  # a person did, and lets it try anew
        judged = read_decisions(
            connection, spec.project, spec.config, subject="promotion", verdict="kept", since=looked
        )
    since = decision.numbers.get("since") if decision else None
    if since is None:
        return None
    changes = {call.decision_id: call.numbers.get("since") for call in called}
    tries = sum(changes.get(earlier.cause) == since for earlier in judged)
    times = evidence[spec.data.target_slot]
    return Drop(find_informed(spec, datetime.fromisoformat(since), challenger.at, times), tries)


def pair_with_champion(run: Run, evidence: pd.DataFrame, champion: Champion, drop: Drop | None) -> pd.DataFrame:
    """Put the champion's loss beside the challenger's on the rows since it was promoted, or since the drop.

    Rows from before its promotion would not do: where labels come late, the champion knows of them what it never knows
    of a row that it answers.
    """
    data = run.spec.data
    start = max(champion.training_end, find_promotion(run, champion.row.version) or champion.training_end)
    if drop is not None:
        start = max(start, drop.since)
    unseen = evidence[evidence[data.target_slot] >= start]
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.features,
            where=data.where_in(data.features),
            since=(data.target_slot, start),
            until=(data.target_slot, run.at),
        )
    if unseen.empty or rows.empty:
        return unseen.assign(champion_loss=np.nan).iloc[:0]
    rows = hide_later_labels(run.spec, rows, run.at)
    predicted = take(data, run.project.predict_rows(champion.model, rows), "predicted")
    rows["champion_loss"] = run.project.measure_loss(rows[data.target], predicted)
    key = [column for column in data.predictions.key if column in unseen and column in rows]
    return unseen.merge(rows[[*key, "champion_loss"]], on=key).dropna(subset=["loss", "champion_loss"])
