"""What a schedule asks before it runs a kind: which champion serves each config, and which must be trained first."""

from argparse import Namespace
from collections.abc import Iterable
from datetime import datetime, timedelta

from db_handler.errors import QuartetError, UsageError
from service.contract.kinds import PERSON
from service.project_check.find_mistakes import find_mistakes
from service.project_check.project_files import read_project
from service.spec.load_spec import find_configs, list_configs, load_fitting_spec
from service.step import Run
from service.step.champion import find_champion_version
from service.step.outcome import Outcome
from service.step.platform import Platform
from service.training.history import find_last_judgement

NAMED = 3  # mistakes in one sentence


def plan(platform: Platform, configs: Iterable[str], *, at: datetime, now: datetime) -> dict[str, Outcome]:
    """Say for each config which champion serves `at`; one that can't be asked for is an error, never a missing one."""
    runs = [Run(platform, platform.specs[config], "plan", "plan", at, now, PERSON) for config in configs]
    return {run.spec.config: _plan_config(run) for run in runs}


def set_aside_broken(project: str, asked: Namespace) -> dict[str, Outcome]:
    """Take configs whose files can't be read out of what is asked, each with its sentence; the others go on.

    A name that is no config at all stays, and is bad usage as ever; so is a project that its own mistakes keep from
    running rightly.
    """
    refuse_mistakes(project)
    broken = {}
    for config in [name for name in list_configs(project) if not asked.config or name in asked.config]:
        try:
            load_fitting_spec(project, config)
        except UsageError as error:
            broken[config] = Outcome("failed", {"error": str(error)})
    if broken:
        asked.config = [name for name in asked.config or list_configs(project) if name not in broken]
    return broken


def refuse_mistakes(project: str) -> None:
    """Refuse a project whose files show that no config of it would run rightly, before anything of it has run."""
    folder = find_configs(project).parent
    mistakes = [mistake for mistake in find_mistakes(read_project(folder.name, folder.parent)) if mistake.stops]
    # What is wrong with one config is its own, and told with its name.
    mistakes = [mistake for mistake in mistakes if not mistake.file.startswith(f"{project}/configs/")]
    if mistakes:
        more = f" (and {len(mistakes) - NAMED} more)" if len(mistakes) > NAMED else ""
        sentences = "; ".join(map(str, mistakes[:NAMED]))
        raise UsageError(f"{sentences}{more}. Mend it and look again with  make check p={project}")


def _plan_config(run: Run) -> Outcome:
    try:
        champion = find_champion_version(run)
    except UsageError:  # a setting: no config gets further with it
        raise
    except QuartetError as error:
        return Outcome("failed", {"error": str(error)})
    missing = champion is None and not run.is_past and not _is_waiting(run)
    return Outcome("done", {"champion": champion, "past": run.is_past, "needs_training": missing})


def _is_waiting(run: Run) -> bool:
    """Say whether a version is there already: one that waits for a person, or one that was refused a while ago only."""
    judged = find_last_judgement(run)
    cool_down = timedelta(days=run.spec.monitoring.cool_down_days)
    return judged is not None and (run.spec.train.promote == "person" or run.at - judged < cool_down)
