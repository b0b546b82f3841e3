"""What a command sets going: a kind, one of its steps or a verb, and the trainings that monitoring calls for."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any

from service.contract.kinds import KINDS
from service.step import Run
from service.step.champion import find_champion_version
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.step.run_step import run_step
from service.workflow.announce import announce, tell_monitoring, tell_promotions
from service.workflow.plan import plan

ONCE_A_PROJECT = ("import", "generate")  # its configs share the tables that these fill
BODIES = {  # of what a person asks for
    "promote": ("service.promotion.promote", "promote_by_person"),
    "rollback": ("service.promotion.rollback", "rollback"),
    "import": ("service.sources.import_file", "import_file"),
    "generate": ("service.sources.generate", "generate"),
}
ASKED_BY_SCHEDULES: dict[str, Callable[..., dict[str, Outcome]]] = {"plan": plan, "announce": announce}

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
) -> dict[str, Outcome]:
    """Run a kind, or one step of it; monitoring as a whole starts the trainings that it decides on."""
    platform.forget(at)
    left_out = {
        config: reason
        for config in configs
        if kind == "train" and (reason := _find_policy(platform, config, at, now, cause))
    }
    steps = [step] if step else KINDS[kind]
    outcomes = run_steps(platform, kind, steps, [c for c in configs if c not in left_out], at=at, now=now, cause=cause)
    outcomes |= {config: Outcome("not_yet", {"train": {"error": reason}}) for config, reason in left_out.items()}
    if kind == "monitoring" and step is None:
        _start_trainings(platform, outcomes, tell_monitoring(platform, outcomes, at), at, now)
    if kind == "train":
        tell_promotions(platform, outcomes, at)
    return outcomes


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
    if verb in ASKED_BY_SCHEDULES:
        return ASKED_BY_SCHEDULES[verb](platform, configs, at=at, now=now)
    module, name = BODIES[verb]
    body = partial(getattr(import_module(module), name), **options)
    outcomes = {config: Outcome() for config in (list(configs)[:1] if verb in ONCE_A_PROJECT else configs)}
    for config, outcome in outcomes.items():
        run_step(Run(platform, platform.specs[config], verb, verb, at, now, cause), body, outcome)
    if verb not in ONCE_A_PROJECT:
        tell_promotions(platform, outcomes, at, step=verb)
    return outcomes


def _find_policy(platform: Platform, config: str, at: datetime, now: datetime, cause: Cause) -> str | None:
    """Say why the policy of a config leaves it out of this training, if it does."""
    spec = platform.specs[config]
    if cause != "clock" or spec.train.renew == "clock":
        return None
    version = find_champion_version(Run(platform, spec, "train", "train", at, now, "clock"))
    if version is None:
        return None
    return f"{spec.unit} is trained once (Train.renew), and version {version} serves: the clock leaves it alone"


def _start_trainings(
    platform: Platform, outcomes: dict[str, Outcome], calls: dict[str, str], at: datetime, now: datetime
) -> None:
    """Run the trainings that monitoring called for; a past moment has none, it only records its decisions."""
    if not calls:
        return
    for config, trained in run_kind(platform, "train", calls, at=at, now=now, cause=calls).items():
        outcomes[config].results["retrain"] = trained.to_plain()
        outcomes[config].status = trained.status


OWN_STEPS = {
    "check": "service.monitoring.check",
    "promote": "service.promotion.promote",
    "score": "service.monitoring.score",
    "monitor": "service.monitoring.monitor",
}


def run_steps(
    platform: Platform,
    kind: str,
    steps: Iterable[str],
    configs: Iterable[str],
    *,
    at: datetime,
    now: datetime,
    cause: Cause,
) -> dict[str, Outcome]:
    """Run the steps of one kind, all configs through one step before the next step begins."""
    outcomes = {config: Outcome() for config in configs}
    causes = {config: cause if isinstance(cause, str) else cause[config] for config in outcomes}
    for step in steps:
        for config, outcome in outcomes.items():
            if outcome.status != "done":
                continue
            run = Run(platform, platform.specs[config], kind, step, at, now, causes[config])
            run_step(run, find_body(platform, step), outcome)
    return outcomes


def find_body(platform: Platform, step: str) -> Callable[..., dict[str, Any]]:
    """Find what a step does: the platform's own function, or the project's."""
    if step in OWN_STEPS:
        return getattr(import_module(OWN_STEPS[step]), step)  # type: ignore[no-any-return]
    return platform.project.step(step)
