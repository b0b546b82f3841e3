"""What a command sets going: a kind, one of its steps or a verb, and the trainings that monitoring calls for."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any

from service.announce import announce, tell_monitoring, tell_promotions
from service.kinds import KINDS
from service.plan import plan
from service.step import Platform, Run
from service.workflow import Cause, Outcome, run_step, run_steps

ONCE_A_PROJECT = ("import", "generate")  # its configs share the tables that these fill
BODIES = {  # of what a person asks for
    "promote": ("service.promotion", "promote_by_person"),
    "rollback": ("service.rollback", "rollback"),
    "import": ("service.filling.import_file", "import_file"),
    "generate": ("service.filling.generate", "generate"),
}
ASKED_BY_SCHEDULES: dict[str, Callable[..., dict[str, Outcome]]] = {"plan": plan, "announce": announce}


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
    version = Run(platform, spec, "train", "train", at, now, "clock").champion_version()
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
