"""The step monitor: how the champion does live, whether its world drifted, and whether to retrain."""

from datetime import timedelta
from typing import Any

import pandas as pd

from db_handler.frames import read_rows
from db_handler.ledger import TICK, record_metrics
from service.alarm import Alarm, cut_windows, judge_windows, pool_by_time
from service.alias_flip import reconcile
from service.champion import Champion
from service.decision import name_decision, save_decision
from service.live_ratio import measure_ratio
from service.retrain import Answer, Situation, decide_retrain
from service.spec import Spec
from service.step import Run
from service.trainings import find_attempts, find_data_problem, find_last_training, find_pending
from service.watch_drift import watch_drift


def monitor(spec: Spec, run: Run) -> dict[str, Any]:
    """Measure the live champion, decide on a retrain, and keep the answer with its reasons."""
    reconcile(run)
    known = run.find_result("monitor")
    if known is not None and known["verdict"] == "retrain":
        return known  # asked again, a decision that set a training going stays what it was
    champion = run.champion()
    alarm, metrics = watch_live(run)
    drift_metrics, drifted = watch_drift(run, champion)
    answer = decide_retrain(gather_situation(run, champion, alarm, drifted), spec.monitoring)
    return keep_answer(run, answer, alarm, metrics | drift_metrics, champion, drifted)


def watch_live(run: Run) -> tuple[Alarm, dict[str, float]]:
    """Judge the windows and measure the newest; units that are pooled and judged alike share the answer."""
    rules = run.spec.monitoring

    def watch() -> tuple[Alarm, dict[str, float]]:
        live = read_live_rows(run)
        windows = cut_windows(live, run.at, days=rules.window_days, count=rules.n, min_rows=rules.min_rows)
        return judge_windows(windows, threshold=rules.threshold, k=rules.k), measure_live(live, run)

    return run.once(("live", rules, "" if rules.pooled else run.spec.unit), watch)


def read_live_rows(run: Run) -> pd.DataFrame:
    """Read the live rows of the champions that serve now: of this unit, or of all units that the alarm pools."""
    if not run.spec.monitoring.pooled:
        return _read_unit(run, run.spec)
    pooled = [spec for spec in run.specs.values() if spec.monitoring.pooled]
    return pd.concat([_read_unit(run, spec) for spec in pooled], ignore_index=True)


def _read_unit(run: Run, spec: Spec) -> pd.DataFrame:
    data, rules = spec.data, spec.monitoring
    columns = {data.target_slot: "time", "loss": "loss", "baseline_loss": "baseline_loss", "covered": "covered"}
    version = run.of_unit(spec).champion_version()
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.performance,
            columns=[name for name in columns if name in data.performance.columns],
            where={**data.where, "state": "live", "version": -1 if version is None else version},
            since=(data.target_slot, run.at - timedelta(days=rules.window_days * rules.n)),
            until=(data.target_slot, run.at - data.horizon + TICK),
        )
    return rows.rename(columns=columns).assign(config=spec.config)


def measure_live(live: pd.DataFrame, run: Run) -> dict[str, float]:
    """Measure the newest window: loss over the baseline's with its interval, and coverage."""
    rules = run.spec.monitoring
    newest = live[live["time"] >= run.at - timedelta(days=rules.window_days)]
    metrics = {"live_rows": float(len(newest))}
    if "covered" in newest and newest["covered"].notna().any():
        metrics["coverage"] = float(newest["covered"].astype(float).mean())
    pooled = pool_by_time(newest)
    if len(pooled) >= rules.min_rows and float(pooled["baseline_loss"].sum()) > 0:
        ratio = measure_ratio(
            pooled["loss"], pooled["baseline_loss"], block=run.spec.train.block, seed=run.spec.train.seed
        )
        metrics |= {"live_ratio": ratio.value, "live_ratio_low": ratio.low, "live_ratio_high": ratio.high}
    return metrics


def gather_situation(run: Run, champion: Champion, alarm: Alarm, drifted: tuple[str, ...]) -> Situation:
    """Gather what the decision looks at."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        new = read_rows(
            connection,
            spec.data.features,
            columns=[spec.data.target_slot],
            where=spec.data.where,
            since=(spec.data.target_slot, champion.training_end),
            until=(spec.data.target_slot, run.at),
        )
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
        "calls_for_training": find_call(run, answer, decision["decision_id"]),
    }


def find_call(run: Run, answer: Answer, decision_id: str) -> str | None:
    """Name the cause of the training to start: this decision, or an earlier one whose training a kill cut off."""
    if run.is_past:
        return None
    return {"retrain": decision_id, "pending": answer.numbers.get("pending")}.get(answer.verdict)
