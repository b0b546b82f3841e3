"""The step monitor: how the champion does live, whether its world drifted, and whether to retrain."""

from typing import Any

from db_handler.ledger.metrics import record_metrics
from db_handler.rows.frames import read_rows
from service.monitoring.decide_retrain import Answer, Situation, decide_retrain
from service.monitoring.live_loss import watch_live
from service.monitoring.score import truth_columns
from service.monitoring.watch_drift import watch_drift
from service.promotion.change_champion import reconcile
from service.promotion.decision import name_decision, save_decision
from service.spec import Spec
from service.spec.known_labels import hide_later_labels
from service.statistics.windows import Alarm
from service.step import Run
from service.step.champion import Champion, load_champion
from service.training.history import find_attempts, find_data_problem, find_last_training, find_pending


def monitor(spec: Spec, run: Run) -> dict[str, Any]:
    """Measure the live champion, decide on a retrain, and keep the answer with its reasons."""
    reconcile(run)
    known = run.find_result("monitor")
    if known is not None and known["verdict"] == "retrain":
        return known  # asked again, a decision that set a training going stays what it was
    champion = load_champion(run)
    alarm, metrics = watch_live(run)
    drift_metrics, drifted = watch_drift(run, champion)
    answer = decide_retrain(gather_situation(run, champion, alarm, drifted), spec.monitoring)
    return keep_answer(run, answer, alarm, metrics | drift_metrics, champion, drifted)


def gather_situation(run: Run, champion: Champion, alarm: Alarm, drifted: tuple[str, ...]) -> Situation:
    """Gather what the decision looks at."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        new = read_rows(
            connection,
            spec.data.features,
            columns=truth_columns(spec),
            where=spec.data.where_in(spec.data.features),
            since=(spec.data.target_slot, champion.training_end),
            until=(spec.data.target_slot, run.at),
            order_by=spec.data.target_slot,
        )
    if spec.data.label_at:
        new = hide_later_labels(spec, new, run.at).dropna(subset=[spec.data.target])
    return Situation(
        at=run.at,
        alarm=alarm,
        champion_at=champion.at,
        max_age_days=spec.train.max_age_days,
        drifted=drifted,
        new_rows=len(new),
        last_training=find_last_training(run),
        attempts=find_attempts(run),
        pending=find_pending(run),
        data_problem=find_data_problem(run),
    )


def keep_answer(
    run: Run, answer: Answer, alarm: Alarm, metrics: dict[str, float], champion: Champion, drifted: tuple[str, ...]
) -> dict[str, Any]:
    """Write the metrics and the decision to the ledger, and answer with them."""
    spec = run.spec
    windows = [window.to_plain() for window in alarm.windows]
    since = alarm.since.isoformat() if alarm.since else None
    run.database.retry(lambda connection: record_metrics(
        connection, project=spec.project, config=spec.config, at=run.at, values=metrics, version=champion.version
    ))  # fmt: skip
    decision = save_decision(
        run,
        name_decision(run, "retrain"),
        subject="retrain",
        verdict=answer.verdict,
        reasons=answer.reasons,
        numbers={**answer.numbers, "windows": windows, "since": since, "drifted": list(drifted)},
        version_before=champion.version,
    )
    return {
        "decision_id": decision["decision_id"],
        "version": champion.version,
        "verdict": answer.verdict,
        "reasons": answer.reasons,
        "metrics": metrics,
        "windows": windows,
        "drifted": list(drifted),
        "past": run.is_past,  # then it is recorded and calls for nothing
        "calls_for_training": find_call(run, answer, decision["decision_id"]),
    }


def find_call(run: Run, answer: Answer, decision_id: str) -> str | None:
    """Name the cause of the training to start: this decision, or an earlier one whose training a kill cut off."""
    if run.is_past:
        return None
    return {"retrain": decision_id, "pending": answer.numbers.get("pending")}.get(answer.verdict)
