"""Messages about decisions: retrains, promotions, and what a person has to look at."""

import textwrap
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from db_handler.ledger.decisions import read_decisions
from db_handler.rows.single_rows import list_rows
from messenger.messages import (
    changed_rows_message,
    data_alert_message,
    failure_message,
    fallback_message,
    probation_message,
    promotion_message,
    retrain_message,
)
from messenger.send import ID_LIMIT, Urgency
from service.contract.kinds import PERSON
from service.contract.moment import write_at
from service.monitoring.watch_drift import ANSWERS
from service.spec import Spec
from service.step import Run
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.step.results import CHANGED_ROWS, MonitorResult

Outcomes = Mapping[str, Outcome]
Answers = Mapping[str, MonitorResult]  # what monitor answered, by config
TOLD: Mapping[str, Urgency] = {"better": "info", "alike": "info", "worse": "alert", "undecided": "alert"}


def tell_monitoring(platform: Platform, outcomes: Outcomes, at: datetime) -> dict[str, str]:
    """Tell what monitor answered at one moment; answer with the cause of each training that it calls for."""
    results = {config: outcome.answer("monitor") for config, outcome in outcomes.items()}
    answers = {config: result for config, result in results.items() if result}
    warn_of_drift(platform, answers, at)
    name_unwatched(platform, answers, at)
    ask_humans(platform, answers, at)
    tell_probations(platform, answers)
    calls = {config: cause for config, answer in answers.items() if (cause := answer["calls_for_training"])}
    if calls:
        tell_retrains(platform, {config: answers[config] for config in calls}, at)
    return calls


def announce(platform: Platform, configs: Iterable[str], *, at: datetime, now: datetime) -> dict[str, Outcome]:
    """Tell what the step monitor left at `at`, where it ran by itself; told again, nobody hears of it twice."""
    runs = [Run(platform, platform.specs[config], "monitoring", "announce", at, now, PERSON) for config in configs]
    results = {run.spec.config: run.find_result("monitor") for run in runs}
    tell_monitoring(
        platform, {config: Outcome("done", {"monitor": result}) for config, result in results.items() if result}, at
    )
    return {
        run.spec.config: Outcome("done", {name: result[name] for name in ("calls_for_training", "training_run")})
        if (result := results[run.spec.config])
        else Outcome("not_yet", {"error": f"{run.spec.unit}: monitor is not done at {write_at(at)}, run it first"})
        for run in runs
    }


def tell_retrains(platform: Platform, answers: Answers, at: datetime) -> None:
    """Tell of the retrains of one moment, in one message that names their units, before they begin.

    A later command of the same moment tells of the units that it adds. More units than an id can name are told of in
    several messages.
    """
    project = platform.project.name
    prefix = f"retrain:{project}:{write_at(at)}:"  # the id goes on with the configs
    ids = [name.removeprefix(prefix) for name in platform.messenger.list_ids(project, at) if name.startswith(prefix)]
    new = sorted(answers.keys() - set(",".join(ids).split(",")))
    for names in textwrap.wrap(" ".join(new), ID_LIMIT - len(prefix), break_long_words=False, break_on_hyphens=False):
        units = [_describe_unit(platform.specs[config].unit, answers[config]) for config in names.split()]
        text = retrain_message(project, at, units)
        platform.messenger.put(prefix + names.replace(" ", ","), project, at, text, urgency="alert")
    platform.messenger.flush()


def tell_promotions(platform: Platform, outcomes: Outcomes, at: datetime) -> None:
    """Tell what became of each challenger, and of each rollback."""
    for config, outcome in outcomes.items():
        answer = outcome.answer("promote") or outcome.answer("rollback")
        if answer is None or answer["decision_id"] is None:
            continue
        text = promotion_message(platform.specs[config].unit, at, answer)
        platform.messenger.put(answer["decision_id"], platform.project.name, at, text)


def tell_fallbacks(platform: Platform, outcomes: Outcomes, at: datetime) -> None:
    """Tell what answers in the place of a champion that can't be loaded, or of rows that it did not learn from.

    That is told once, until the champion answers again as it was.
    """
    for config, outcome in outcomes.items():
        answer = outcome.answer("inference")
        fallback = answer.get("fallback") if answer else None
        if not fallback:
            continue
        spec, version = platform.specs[config], fallback["instead_of"]
        about = f"fallback:{spec.unit}:{version}:{fallback['by']}:{_find_last_answer(platform, spec, version)}"
        if fallback["by"] == CHANGED_ROWS:
            text = changed_rows_message(spec.unit, at, version, fallback["reason"])
        else:
            text = fallback_message(spec.unit, at, version, fallback["by"], fallback["reason"])
        platform.messenger.put(about, spec.project, at, text, urgency="alert")


def _find_last_answer(platform: Platform, spec: Spec, version: int) -> str:
    """Find when a version last answered itself."""
    table = spec.data.predictions
    where = {**spec.data.where_in(table), "version": version, "fallback": None}
    with platform.database.begin(writing=False) as connection:
        rows = list_rows(connection, table, where=where, order_by=("-at",), limit=1)
    return write_at(rows[0]["at"]) if rows else "never"


def warn_of_drift(platform: Platform, answers: Answers, at: datetime) -> None:
    """Warn where the world has drifted from what the champion was trained on; once for each champion.

    Where labels come late, features and answers that have both moved are an alert: no loss can show it yet.
    """
    for config, answer in answers.items():
        spec, drifted = platform.specs[config], answer["drifted"]
        about, says = f"drift:{spec.unit}:{answer['version']}", [f"drifted: {', '.join(drifted)}"]
        if spec.data.label_delay and ANSWERS in drifted and len(drifted) > 1:
            says.append(f"its labels come {spec.data.label_delay.days} days late, so look at the newest rows now")
            text = data_alert_message(spec.project, at, config, says)
            platform.messenger.put(f"{about}:both", spec.project, at, text, urgency="alert")
        elif drifted:
            platform.messenger.put(about, spec.project, at, data_alert_message(spec.project, at, config, says))


def name_unwatched(platform: Platform, answers: Answers, at: datetime) -> None:
    """Name the features whose drift would not be seen; once, until they are others."""
    for config, answer in answers.items():
        if answer["unwatched"]:
            spec, names = platform.specs[config], ", ".join(answer["unwatched"])
            says = [f"drift of {names} can't be told from chance: the training rows vary too slowly"]
            text = data_alert_message(spec.project, at, config, says)
            platform.messenger.put(f"unwatched:{spec.unit}:{names}", spec.project, at, text)


def ask_humans(platform: Platform, answers: Answers, at: datetime) -> None:
    """Ask a person to look where retraining has failed too often.

    Once for each time that this begins, and once more each time a person has let it go on.
    """
    for config, answer in answers.items():
        if answer["verdict"] == "ask_a_human":
            spec = platform.specs[config]
            verb = f"when you have looked, let it go on:  make run p={spec.project} k=resume c={config}"
            text = failure_message(spec.project, "monitor", config, at, "; ".join([*answer["reasons"], verb]))
            with platform.database.begin(writing=False) as connection:
                resumed = len(read_decisions(connection, spec.project, config, subject="resume"))
            began = write_at(_find_first_question(platform, spec, at))
            about = f"ask:{spec.unit}:{answer['version']}:{began}{f':{resumed}' if resumed else ''}"
            platform.messenger.put(about, spec.project, at, text, urgency="alert")


def _find_first_question(platform: Platform, spec: Spec, at: datetime) -> datetime:
    """Find the first check that asked a person, back from `at` to the last window in which every check asked nobody."""
    began, window = at, timedelta(days=spec.monitoring.window_days)
    with platform.database.begin(writing=False) as connection:
        checks = read_decisions(connection, spec.project, spec.config, subject="retrain", until=at)
    for check in reversed(checks):
        if check.verdict == "ask_a_human":
            began = check.at
        elif began - check.at > window:
            break
    return began


def tell_probations(platform: Platform, answers: Answers) -> None:
    """Tell how a probation ended; told again, nobody hears of it twice."""
    for config, answer in answers.items():
        probation = answer.get("probation")
        if probation is not None and probation["verdict"] in TOLD:
            spec, ended = platform.specs[config], datetime.fromisoformat(probation["at"])
            text = probation_message(spec.unit, ended, probation)
            platform.messenger.put(
                probation["decision_id"], spec.project, ended, text, urgency=TOLD[probation["verdict"]]
            )


def _describe_unit(unit: str, answer: MonitorResult) -> dict[str, Any]:
    ratios = [window["ratio"] for window in answer["windows"] if window["ratio"] is not None]
    return {"unit": unit, "windows": ratios, "reasons": answer["reasons"], "decision_id": answer["decision_id"]}
