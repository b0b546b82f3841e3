"""What a schedule asks before it runs a kind: which champion serves each config, and which must be trained first."""

from argparse import Namespace
from collections.abc import Iterable
from datetime import datetime

from db_handler.errors import QuartetError, UsageError
from service.kinds import PERSON
from service.load_spec import list_configs, load_spec
from service.step import Platform, Run
from service.workflow import Outcome


def plan(platform: Platform, configs: Iterable[str], *, at: datetime, now: datetime) -> dict[str, Outcome]:
    """Say for each config which champion serves `at`; one that can't be asked for is an error, never a missing one."""
    runs = [Run(platform, platform.specs[config], "plan", "plan", at, now, PERSON) for config in configs]
    return {run.spec.config: _plan_config(run) for run in runs}


def set_aside_broken(project: str, asked: Namespace) -> dict[str, Outcome]:
    """Take configs whose files can't be read out of what is asked, each with its sentence; the others go on.

    A name that is no config at all stays, and is bad usage as ever.
    """
    broken = {}
    for config in [name for name in list_configs(project) if not asked.config or name in asked.config]:
        try:
            load_spec(project, config)
        except UsageError as error:
            broken[config] = Outcome("failed", {"error": str(error)})
    if broken:
        asked.config = [name for name in asked.config or list_configs(project) if name not in broken]
    return broken


def _plan_config(run: Run) -> Outcome:
    try:
        champion = run.champion_version()
    except UsageError:  # a setting: no config gets further with it
        raise
    except QuartetError as error:
        return Outcome("failed", {"error": str(error)})
    missing = champion is None and not run.is_past
    return Outcome("done", {"champion": champion, "past": run.is_past, "needs_training": missing})
