"""Who hears of what was decided: the messages about retrains, promotions, and what a person has to look at."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from messenger.messages import data_alert_message, failure_message, promotion_message, retrain_message
from service.contract.kinds import PERSON
from service.contract.moment import write_at
from service.step import Run
from service.step.outcome import Outcome
from service.step.platform import Platform

Found = Mapping[str, Any]


def tell_monitoring(platform: Platform, outcomes: Mapping[str, Outcome], at: datetime) -> dict[str, str]:
    """Tell what monitoring found at one moment; answer with the cause of each training that it calls for."""
    warn_of_drift(platform, outcomes, at)
    ask_humans(platform, outcomes, at)
    found = {config: outcome.results["monitor"] for config, outcome in outcomes.items() if outcome.status == "done"}
    calls = {config: cause for config, answer in found.items() if (cause := answer["calls_for_training"])}
    if calls:
        tell_retrains(platform, {config: found[config] for config in calls}, at)
    return calls


def announce(platform: Platform, configs: Iterable[str], *, at: datetime, now: datetime) -> dict[str, Outcome]:
    """Tell what the step monitor left at `at`, where it ran by itself; told again, nobody hears of it twice."""
    runs = [Run(platform, platform.specs[config], "monitoring", "announce", at, now, PERSON) for config in configs]
    found = {run.spec.config: run.find_result("monitor") for run in runs}
    monitored = {config: Outcome("done", {"monitor": answer}) for config, answer in found.items() if answer}
    calls = tell_monitoring(platform, monitored, at)
    return {
        run.spec.config: Outcome("done", {"calls_for_training": calls.get(run.spec.config)})
        if run.spec.config in monitored
        else Outcome("not_yet", {"error": f"{run.spec.unit}: monitor is not done at {write_at(at)}, run it first"})
        for run in runs
    }


def tell_retrains(platform: Platform, found: Mapping[str, Found], at: datetime) -> None:
    """Tell of the retrains of one moment, in one message that names their units, before they begin."""
    project = platform.project.name
    units = [_describe_unit(platform, config, answer) for config, answer in found.items()]
    text = retrain_message(project, at, units)
    platform.messenger.put(f"retrain:{project}:{write_at(at)}", project, at, text, urgency="alert")
    platform.messenger.flush()


def tell_promotions(platform: Platform, outcomes: Mapping[str, Outcome], at: datetime, step: str = "promote") -> None:
    """Tell what became of each challenger."""
    for config, outcome in outcomes.items():
        found = outcome.results.get(step, {})
        if "verdict" not in found:
            continue
        told = promotion_message(
            platform.specs[config].unit,
            at,
            found["verdict"],
            found["version"],
            found["version_before"],
            found["reasons"],
        )
        platform.messenger.put(found["decision_id"], platform.project.name, at, told)


def warn_of_drift(platform: Platform, outcomes: Mapping[str, Outcome], at: datetime) -> None:
    """Warn where features have drifted from what the champion was trained on; once for each champion."""
    for config, outcome in outcomes.items():
        found = outcome.results.get("monitor", {})
        if found.get("drifted"):
            spec = platform.specs[config]
            text = data_alert_message(spec.project, at, config, [f"drifted: {', '.join(found['drifted'])}"])
            platform.messenger.put(f"drift:{spec.unit}:{found['version']}", spec.project, at, text)


def ask_humans(platform: Platform, outcomes: Mapping[str, Outcome], at: datetime) -> None:
    """Ask a person to look where retraining has failed too often; once for each champion that it left in place."""
    for config, outcome in outcomes.items():
        found = outcome.results.get("monitor", {})
        if found.get("verdict") == "ask_a_human":
            spec = platform.specs[config]
            text = failure_message(spec.project, "monitor", config, at, "; ".join(found["reasons"]))
            platform.messenger.put(f"ask:{spec.unit}:{found['version']}", spec.project, at, text, urgency="alert")


def _describe_unit(platform: Platform, config: str, found: Found) -> dict[str, Any]:
    ratios = [window["ratio"] for window in found["windows"] if window["ratio"] is not None]
    unit = platform.specs[config].unit
    return {"unit": unit, "windows": ratios, "reasons": found["reasons"], "decision_id": found["decision_id"]}
