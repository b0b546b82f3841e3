"""A command carried out: a kind, one of its steps or a verb, and the trainings that monitoring calls for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from db_handler.errors import UsageError
from db_handler.ledger.workers import close_lost_runs
from service.contract.ending import Terminated, was_terminated
from service.contract.kinds import CLOCK, KINDS, TABULAR_STEPS
from service.contract.projects import has_module
from service.spec import Spec
from service.step import Run
from service.step.champion import find_champion_version
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.step.results import StepResult
from service.step.run_step import Body, run_step
from service.workflow.announce import announce, tell_fallbacks, tell_monitoring, tell_promotions
from service.workflow.plan import plan
from service.workflow.tell_silence import tell_silence

ONCE_A_PROJECT = ("import", "generate")  # its configs share the tables that these fill
Cause = str | Mapping[str, str]  # one for all configs, or each its own


def run_kind(
    platform: Platform,
    kind: str,
    configs: Iterable[str],
    *,
    step: str | None = None,
    at: datetime,
    now: datetime,
    cause: Cause = "person",
    force: str | None = None,
) -> dict[str, Outcome]:
    """Run a kind, or one step of it; monitoring as a whole starts the trainings that it decides on.

    `force` is the reason why a training goes on though its data is not fit.
    """
    platform.forget(at)
    close_lost_runs(platform.database, platform.project.name)
    outcomes = {config: Outcome() for config in configs}
    for config, outcome in outcomes.items():
        if kind == "train" and (reason := _find_policy(platform, config, at, now, cause)):
            outcome.status, outcome.results = "not_yet", {"train": {"error": reason}}
    run_steps(platform, kind, [step] if step else KINDS[kind], outcomes, at=at, now=now, cause=cause, force=force)
    if kind == "monitoring" and step is None:
        _start_trainings(platform, outcomes, tell_monitoring(platform, outcomes, at), at, now)
    if kind == "train":
        tell_promotions(platform, outcomes, at)
    if kind == "inference":
        tell_fallbacks(platform, outcomes, at)
    if kind == "data" and step is None:  # once a moment, of all kinds
        tell_silence(platform, outcomes, at=at, now=now)
    return outcomes


def run_steps(
    platform: Platform,
    kind: str,
    steps: Iterable[str],
    outcomes: Mapping[str, Outcome],
    *,
    at: datetime,
    now: datetime,
    cause: Cause,
    force: str | None,
) -> None:
    """Take all configs through one step before the next step begins; one that is not done goes no further."""
    for step in steps:
        for config, outcome in outcomes.items():
            if was_terminated():  # also where a step swallowed it
                raise Terminated
            if outcome.status == "done":
                config_cause = cause if isinstance(cause, str) else cause[config]
                run = Run(platform, platform.specs[config], kind, step, at, now, config_cause, force)
                run_step(run, _run_body, outcome)


def _run_body(spec: Spec, run: Run) -> StepResult:
    """Find what a step does and do it: one that can't be found has failed like any other."""
    return find_body(run.platform, run.step)(spec, run)


def find_body(platform: Platform, step: str) -> Body:
    """Find what a step does: the platform's own function, or the project's; only what is run is imported."""
    match step:
        case "check":
            from service.monitoring.check import check

            return check
        case "train":
            from service.training.begin_training import guard_training

            return guard_training(_find_own(platform, step))
        case "promote":
            from service.promotion.promote import promote

            return promote
        case "score":
            from service.monitoring.score import score

            return score
        case "monitor":
            from service.monitoring.monitor import monitor

            return monitor
    return _find_own(platform, step)


def _find_own(platform: Platform, step: str) -> Body:
    """Find a step of the project's own; without a file for it, train, evaluate and inference are those of tables."""
    if step in TABULAR_STEPS and not has_module(f"{platform.project.name}.core.{step}"):
        from service.tabular import steps

        return getattr(steps, step)  # type: ignore[no-any-return]
    return platform.project.step(step)


def run_verb(
    platform: Platform,
    verb: str,
    configs: Iterable[str],
    *,
    at: datetime,
    now: datetime,
    cause: str = "person",
    options: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Outcome]:
    """Run what may be asked for beside the kinds, by a person or by a schedule; `options` are a verb's own."""
    if verb == "plan":
        planned = plan(platform, configs, at=at, now=now)
        tell_silence(platform, planned, at=at, now=now)  # what was to come after an earlier plan may not have
        return planned
    if verb == "announce":
        return announce(platform, configs, at=at, now=now)
    body = partial(find_verb(verb), **options)
    outcomes = {config: Outcome() for config in (list(configs)[:1] if verb in ONCE_A_PROJECT else configs)}
    for config, outcome in outcomes.items():
        run_step(Run(platform, platform.specs[config], verb, verb, at, now, cause), body, outcome)
    tell_promotions(platform, outcomes, at)
    return outcomes


def find_verb(verb: str) -> Body:
    """Find what a verb does that a person may ask for."""
    match verb:
        case "promote":
            from service.promotion.promote import promote_by_person

            return promote_by_person
        case "rollback":
            from service.promotion.rollback import rollback

            return rollback
        case "resume":
            from service.monitoring.resume import resume

            return resume
        case "import":
            from service.sources.import_file import import_file

            return import_file
        case "generate":
            from service.sources.generate import generate

            return generate
    raise UsageError(f"the verb {verb} has no function yet: add it to find_verb in {__name__}")


def _find_policy(platform: Platform, config: str, at: datetime, now: datetime, cause: Cause) -> str | None:
    """Say why the policy of a config leaves it out of this training, if it does."""
    spec = platform.specs[config]
    if cause != CLOCK or spec.train.renew == "clock":
        return None
    version = find_champion_version(Run(platform, spec, "train", "train", at, now, CLOCK))
    if version is None:
        return None
    return f"{spec.unit} is trained once (Train.renew), and version {version} serves: the clock leaves it alone"


def _start_trainings(
    platform: Platform, outcomes: Mapping[str, Outcome], calls: dict[str, str], at: datetime, now: datetime
) -> None:
    """Run the trainings that monitoring called for; a past moment has none, it only records its decisions."""
    if not calls:
        return
    for config, trained in run_kind(platform, "train", calls, at=at, now=now, cause=calls).items():
        outcomes[config].results["retrain"] = trained.to_plain()
        outcomes[config].status = trained.status
