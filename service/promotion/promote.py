"""The step promote: a challenger becomes champion on evidence, and the ledger says why or why not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db_handler.errors import NotYetError
from db_handler.ledger.decisions import read_decision
from db_handler.ledger.models import find_model
from db_handler.ledger.runs import find_result
from db_handler.rows.frames import read_rows
from service.promotion.change_champion import Flip, flip_alias, lock_of, reconcile
from service.promotion.decision import name_decision
from service.promotion.gate import Verdict, judge_champion, judge_probes, judge_rules, judge_slices
from service.spec import Spec
from service.spec.known_labels import hide_later_labels
from service.spec.prediction_columns import name_columns, take
from service.step import Run
from service.step.champion import Champion, load_version, read_version
from service.tracking.registry import load_model, read_alias
from service.training.evidence import read_evidence, read_golden_rows

SAME = 1e-9  # a reloaded artifact reproduces its predictions up to this


def promote(_spec: Spec, run: Run) -> dict[str, Any]:
    """Let the challenger of this training face the gate; where it passes, flip the champion's alias to it."""
    return promote_version(run, int(run.result("train")["version"]), by_person=False)


def promote_by_person(spec: Spec, run: Run) -> dict[str, Any]:
    """Let the newest version face the same gate because a person asks; only the policy that waits for one is lifted."""
    with run.database.begin(writing=False) as connection:
        newest = find_model(connection, project=spec.project, config=spec.config)
    if newest is None:
        raise NotYetError(f"{spec.unit} has no trained version to promote: run train first")
    return promote_version(run, newest["version"], by_person=True)


def promote_version(run: Run, version: int, *, by_person: bool) -> dict[str, Any]:
    """Judge a version and flip the alias under the unit's lock; a decision that was carried out is only told again."""
    spec = run.spec
    reconcile(run)
    with lock_of(run):
        decision_id = name_decision(run, "promotion", version, *["person"] * by_person)
        with run.database.begin(writing=False) as connection:
            known = read_decision(connection, decision_id=decision_id)
        if known is not None and known["state"] == "done":
            return summarise(known)
        expected = read_alias(run.tracking, spec.unit, "champion")
        verdict = face_gate(run, read_version(run, version), expected)
        flip = Flip(decision_id, version, expected, by_person)
        return summarise(flip_alias(run, flip, verdict))


def face_gate(run: Run, challenger: Mapping[str, Any], expected: int | None) -> Verdict:
    """Gather the evidence and judge it; the first champion needs no comparison with another."""
    verdict, train = Verdict(), run.spec.train
    evaluated = read_evaluation(run, challenger)
    evidence = read_evidence(run, challenger["mlflow_run"])
    judge_rules(verdict, evidence, train)
    judge_probes(verdict, evaluated["probes"])
    judge_artifact(verdict, run, challenger)
    if expected is not None and expected != challenger["version"]:
        judge_beside_champion(verdict, run, evidence, load_version(run, expected), challenger["cause"])
    return verdict


def judge_beside_champion(verdict: Verdict, run: Run, evidence: pd.DataFrame, champion: Champion, cause: str) -> None:
    """Compare with the champion, unless it can't answer any more: what it reads is gone."""
    train = run.spec.train
    if lost := champion.find_lost_columns(run.spec):
        verdict.note(True, f"the champion reads {', '.join(lost)}, which rows have no longer")
        return
    since = find_change(run, cause)
    paired = pair_with_champion(run, evidence, champion, since)
    judge_champion(verdict, paired, train, since=since)
    judge_slices(verdict, paired, train)


def read_evaluation(run: Run, challenger: Mapping[str, Any]) -> dict[str, Any]:
    """Read what evaluate found of a version when it was trained."""
    with run.database.begin(writing=False) as connection:
        found = find_result(
            connection,
            project=run.spec.project,
            config=run.spec.config,
            step="evaluate",
            at=challenger["at"],
            cause=challenger["cause"],
        )
    if found is None:
        raise NotYetError(
            f"{run.spec.unit}: version {challenger['version']} has not been evaluated: run train --step evaluate first"
        )
    return dict(found["result"])


def judge_artifact(verdict: Verdict, run: Run, challenger: Mapping[str, Any]) -> None:
    """Load the registered artifact again and hold against it any prediction that it does not reproduce."""
    golden = read_golden_rows(run, challenger["mlflow_run"])
    model = load_model(run.tracking, run.spec.unit, challenger["version"], fresh=True)
    again = run.project.predict_rows(model, golden.rows)[name_columns(run.spec.data, "predicted")].to_numpy(float)
    distance = measure_distance(again, golden.predicted)
    verdict.numbers["reload_distance"] = distance
    verdict.note(
        distance <= SAME,
        f"the artifact loaded again {'reproduces' if distance <= SAME else 'does not reproduce'} its predictions",
    )


def measure_distance(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Measure the largest difference; what neither predicts is the same, what only one predicts is not a number."""
    neither = np.isnan(ours) & np.isnan(theirs)
    return float(np.max(np.where(neither, 0.0, np.abs(ours - theirs)), initial=0.0))


def find_change(run: Run, cause: str) -> datetime | None:
    """Find where the drop began that called for this training; none when the clock, age or a person called."""
    with run.database.begin(writing=False) as connection:
        decision = read_decision(connection, decision_id=cause)
    since = decision and decision["numbers"].get("since")
    return datetime.fromisoformat(since) if since else None


def pair_with_champion(run: Run, evidence: pd.DataFrame, champion: Champion, since: datetime | None) -> pd.DataFrame:
    """Put the champion's loss beside the challenger's on the rows that neither has been trained on."""
    data = run.spec.data
    start = max(champion.training_end, since or champion.training_end)
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


def summarise(decision: dict[str, Any]) -> dict[str, Any]:
    """Say in plain values what was decided and why."""
    kept = {
        key: decision[key]
        for key in ("decision_id", "verdict", "version_before", "version_after", "reasons", "numbers")
    }
    return {**kept, "version": decision["numbers"]["challenger"]}
