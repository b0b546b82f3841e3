"""The step monitor: how the champion does live, whether its world drifted, and whether to retrain."""

from db_handler.ledger.decisions import Decision
from db_handler.ledger.metrics import Metric, record_metrics
from db_handler.ledger.models import ModelRow
from db_handler.ledger.runs import read_runs
from service.monitoring.decide_retrain import Answer, Situation, decide_retrain
from service.monitoring.hurry import describe_hurry
from service.monitoring.live_loss import watch_live
from service.monitoring.probation import summarise, watch_probation
from service.monitoring.since_change import count_lacking, find_beginning
from service.monitoring.watch_drift import Watched, watch_drift
from service.promotion.change_champion import reconcile
from service.promotion.decision import make_decision, name_decision, save_decision
from service.spec import Spec
from service.statistics.windows import Alarm
from service.step import Run
from service.step.champion import load_version, read_champion
from service.step.results import CHANGED_ROWS, MonitorResult, TrainingCall
from service.tracking.artifact import ModelDamagedError
from service.tracking.tracking_error import EvidenceDamagedError
from service.training.history import find_data_problem, find_last_training, find_pending, list_attempts, read_calls
from service.training.rejection import find_rejection, read_new_rows


def monitor(spec: Spec, run: Run) -> MonitorResult:
    """Measure the live champion, decide on a retrain, and keep the answer with its reasons."""
    reconcile(run)
    earlier = run.find_result("monitor")
    if earlier is not None and earlier["verdict"] == "retrain":
        # A decision that set a training going stays what it was; a past moment calls for nothing.
        return {**earlier, "calls_for_training": None, "training_run": None} if run.is_past else earlier
    champion = read_champion(run)  # its row: a damaged model is watched all the same
    damage = describe_damage(run, champion)
    probation = watch_probation(run)
    try:
        alarm, metrics = watch_live(run)
        alarm = find_beginning(run, champion, alarm)
        watched = watch_drift(run, champion)
    except EvidenceDamagedError as error:
        damage = damage or f"nothing can watch version {champion.version} ({error})"
        (alarm, metrics), watched = (Alarm([], raised=False, since=None), {}), Watched({})
    answer = decide_retrain(gather_situation(run, champion, alarm, watched.drifted, damage), spec.monitoring)
    return keep_answer(run, answer, alarm, metrics, champion, watched, probation)


def describe_damage(run: Run, champion: ModelRow) -> str | None:
    """Say what answered last in the champion's place, and why; or that nothing could."""
    project, config = run.spec.project, run.spec.config
    with run.database.begin(writing=False) as connection:
        newest = read_runs(connection, project=project, config=config, step="inference", until=run.at, limit=1)
    if newest and newest[0].status == "failed":
        try:
            load_version(run, champion.version)
        except ModelDamagedError as error:
            return f"nothing can answer in the place of version {champion.version} ({error})"
    fallback = (newest[0].result or {}).get("fallback") if newest else None
    if not fallback or fallback["instead_of"] != champion.version:
        return None
    if fallback["by"] == CHANGED_ROWS:
        return f"version {champion.version} answers rows that it did not learn from ({fallback['reason']})"
    return f"{fallback['by']} answers in the place of version {fallback['instead_of']} ({fallback['reason']})"


def gather_situation(
    run: Run, champion: ModelRow, alarm: Alarm, drifted: tuple[str, ...], damage: str | None
) -> Situation:
    """Gather what the decision looks at."""
    spec = run.spec
    rejection, since, words = find_rejection(run), champion.training_end, "the champion's training"
    if rejection is not None and rejection.at > since:
        since, words = rejection.at, f"version {rejection.version_before} was rolled back"
    new_rows = read_new_rows(run, since)
    calls, promoted_before = read_calls(run)
    pending = find_pending(calls)
    return Situation(
        at=run.at,
        alarm=alarm,
        champion_at=champion.at,
        max_age_days=spec.train.max_age_days,
        drifted=drifted,
        new_rows=len(new_rows),
        new_since=words,
        last_training=find_last_training(run),
        attempts=list_attempts(calls, promoted_before=promoted_before),
        pending=pending.decision_id if pending else None,
        calls_again=pending.called if pending and pending.is_overdue(run.at) else 0,
        data_problem=find_data_problem(run),
        damage=damage,
        lacking=count_lacking(run, new_rows, alarm),
        hurry=describe_hurry(run),
    )


def keep_answer(
    run: Run,
    answer: Answer,
    alarm: Alarm,
    metrics: dict[str, float],
    champion: ModelRow,
    watched: Watched,
    probation: Decision | None,
) -> MonitorResult:
    """Write the metrics and the decision to the ledger, and answer with them."""
    project, config, metrics = run.spec.project, run.spec.config, metrics | watched.metrics
    windows = [window.to_plain() for window in alarm.windows]
    rows = [
        Metric(project=project, config=config, at=run.at, name=name, value=value, version=champion.version)
        for name, value in metrics.items()
    ]
    run.database.retry(lambda connection: record_metrics(connection, rows))
    since = alarm.since.isoformat() if alarm.since else None
    decision = make_decision(
        run,
        name_decision(run, "retrain"),
        subject="retrain",
        verdict=answer.verdict,
        reasons=answer.reasons,
        numbers={**answer.numbers, "windows": windows, "since": since, "drifted": list(watched.drifted)},
        versions=(champion.version, None),
    )
    save_decision(run, decision)
    return MonitorResult(
        decision_id=decision.decision_id,
        version=champion.version,
        verdict=answer.verdict,
        reasons=answer.reasons,
        metrics=metrics,
        windows=windows,
        drifted=list(watched.drifted),
        unwatched=list(watched.unwatched),
        past=run.is_past,
        probation=summarise(probation) if probation else None,
        **find_call(run, answer, decision.decision_id),
    )


def find_call(run: Run, answer: Answer, decision_id: str) -> TrainingCall:
    """Name the training to start: this decision's, or again that of an earlier one which was cut off."""
    if not run.is_past and answer.verdict == "retrain":
        return TrainingCall(calls_for_training=decision_id, training_run=decision_id)
    if not run.is_past and answer.verdict == "pending" and "calls_again" in answer.numbers:
        earlier = answer.numbers["calls_again"]
        return TrainingCall(calls_for_training=earlier, training_run=f"{earlier}:{answer.numbers['call']}")
    return TrainingCall(calls_for_training=None, training_run=None)
