"""What a command opens and sets going: a project's platform, a kind or a verb, the trainings that monitoring wants."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from db_handler.clock import VirtualClock, WallClock
from db_handler.database import open_database
from db_handler.errors import UsageError
from db_handler.ledger import last_at
from db_handler.tables import ensure_table
from db_handler.virtual_now import move_virtual_now, read_virtual_end, read_virtual_now
from messenger.messages import promotion_message, retrain_message
from messenger.send import open_messenger
from service.kinds import KINDS
from service.load_spec import list_configs, load_spec
from service.moment import write_at
from service.project import Project
from service.spec import Spec
from service.step import Platform, Run
from service.workflow import Outcome, run_step, run_steps


def open_platform(project: str, asked: Sequence[str] = ()) -> Platform:
    """Open the house for a project; configs that are not asked for may be broken, they are only told of."""
    specs = _load_specs(project, asked)
    database = open_database()
    for spec in specs.values():
        for table in spec.data.tables:
            ensure_table(database, table)
    with database.begin(writing=False) as connection:
        virtual = read_virtual_now(connection)
    clock = WallClock() if virtual is None else VirtualClock(virtual)
    return Platform(Project(project), specs, database, clock, open_messenger(database, clock))


def run_kind(
    platform: Platform,
    kind: str,
    configs: Iterable[str],
    *,
    step: str | None = None,
    at: datetime,
    now: datetime,
    cause: str = "person",
) -> dict[str, Outcome]:
    """Run a kind, or one step of it; monitoring as a whole starts the trainings that it decides on."""
    platform.at_hand.clear()
    left_out = {
        config: reason
        for config in configs
        if kind == "train" and (reason := _find_policy(platform, config, at, now, cause))
    }
    steps = [step] if step else KINDS[kind]
    outcomes = run_steps(platform, kind, steps, [c for c in configs if c not in left_out], at=at, now=now, cause=cause)
    outcomes |= {config: Outcome("not_yet", {"train": {"error": reason}}) for config, reason in left_out.items()}
    if kind == "monitoring" and step is None:
        _start_trainings(platform, outcomes, at, now)
    if kind == "train":
        _tell_promotions(platform, outcomes, at)
    return outcomes


def run_verb(
    platform: Platform, verb: str, configs: Iterable[str], *, at: datetime, now: datetime, cause: str = "person"
) -> dict[str, Outcome]:
    """Run what a person may ask for beside the kinds."""
    from service.promotion import promote_by_person
    from service.rollback import rollback

    body: Callable[..., dict[str, Any]] = {"promote": promote_by_person, "rollback": rollback}[verb]
    outcomes = {config: Outcome() for config in configs}
    for config, outcome in outcomes.items():
        run_step(Run(platform, platform.specs[config], verb, verb, at, now, cause), body, outcome)
    _tell_promotions(platform, outcomes, at, step=verb)
    return outcomes


def find_newest_at(platform: Platform, kind: str, step: str, configs: Sequence[str]) -> datetime | None:
    """Find the newest moment at which the step before `step` is done for all of the configs."""
    before = KINDS[kind].index(step) - 1
    if before < 0:
        return None
    with platform.database.begin(writing=False) as connection:
        found = [
            last_at(connection, project=platform.project.name, config=config, step=KINDS[kind][before])
            for config in configs or platform.specs
        ]
    return min((at for at in found if at is not None), default=None)


def move_now(platform: Platform, now: datetime, at: datetime) -> datetime:
    """Answer with the now that belongs to `at`: a virtual one moves forward to it until its world ends."""
    if not isinstance(platform.clock, VirtualClock):
        horizon = next(iter(platform.specs.values())).data.horizon
        if at > now + horizon:
            raise UsageError(f"--at {write_at(at)} is in the future: it is {write_at(now)}")
        return now
    with platform.database.begin() as connection:
        end = read_virtual_end(connection)
        if end is not None and at > end:
            raise UsageError(
                f"--at {write_at(at)} is beyond {write_at(end)}, where the candles of this virtual world end"
            )
        move_virtual_now(connection, at)
    platform.clock.move_to(at)
    return platform.clock.now()


def _load_specs(project: str, asked: Sequence[str]) -> dict[str, Spec]:
    specs: dict[str, Spec] = {}
    for config in dict.fromkeys([*list_configs(project), *asked]):
        try:
            specs[config] = load_spec(project, config)
        except UsageError:
            if not asked or config in asked:
                raise
    return specs


def _find_policy(platform: Platform, config: str, at: datetime, now: datetime, cause: str) -> str | None:
    """Say why the policy of a config leaves it out of this training, if it does."""
    spec = platform.specs[config]
    if cause != "clock" or spec.train.renew == "clock":
        return None
    version = Run(platform, spec, "train", "train", at, now, cause).champion_version()
    if version is None:
        return None
    return f"{spec.unit} is trained once (Train.renew), and version {version} serves: the clock leaves it alone"


def _start_trainings(platform: Platform, outcomes: dict[str, Outcome], at: datetime, now: datetime) -> None:
    """Tell Slack of the retrains that were decided on, and run them; a past moment only records its decisions."""
    calls = {config: cause for config, outcome in outcomes.items() if (cause := _read_call(outcome))}
    if not calls:
        return
    units = [_describe_unit(platform, config, outcomes[config]) for config in calls]
    text = retrain_message(platform.project.name, at, units)
    platform.messenger.put(
        f"retrain:{platform.project.name}:{write_at(at)}", platform.project.name, at, text, urgency="alert"
    )
    platform.messenger.flush()
    for config, cause in calls.items():
        trained = run_kind(platform, "train", [config], at=at, now=now, cause=cause)[config]
        outcomes[config].results["retrain"] = trained.to_plain()
        outcomes[config].status = trained.status


def _read_call(outcome: Outcome) -> str | None:
    return outcome.results.get("monitor", {}).get("calls_for_training") if outcome.status == "done" else None


def _describe_unit(platform: Platform, config: str, outcome: Outcome) -> dict[str, Any]:
    found = outcome.results["monitor"]
    ratios = [window["ratio"] for window in found["windows"] if window["ratio"] is not None]
    return {
        "unit": platform.specs[config].unit,
        "windows": ratios,
        "reasons": found["reasons"],
        "decision_id": found["decision_id"],
    }


def _tell_promotions(platform: Platform, outcomes: dict[str, Outcome], at: datetime, step: str = "promote") -> None:
    for config, outcome in outcomes.items():
        found = outcome.results.get(step, {})
        if "verdict" not in found:
            continue
        unit = platform.specs[config].unit
        text = promotion_message(
            unit, at, found["verdict"], found["version"], found["version_before"], {}, found["reasons"]
        )
        platform.messenger.put(found["decision_id"], platform.project.name, at, text)
