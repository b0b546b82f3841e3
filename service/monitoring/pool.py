"""The units whose live losses are judged together."""

from datetime import datetime, timedelta

from db_handler.ledger.decisions import Decision, read_decisions
from service.step import Run
from service.step.champion import find_champion_version, find_promotion


def list_units(run: Run) -> list[Run]:
    """Name the units that are judged together: this one, or all that the alarm pools.

    A unit that was promoted since an alarm began has its answer: it is judged apart from those that wait for theirs.
    """
    if not run.spec.monitoring.pooled:
        return [run]
    units = [run.of_unit(spec) for spec in run.platform.specs.values() if spec.monitoring.pooled]
    began = find_began(run)
    return [unit for unit in units if is_answered(unit, began) == is_answered(run, began)]


def is_answered(run: Run, began: datetime | None) -> bool:
    """Say whether the champion of a unit was promoted after an alarm began."""
    version = find_champion_version(run)
    promoted = None if version is None else find_promotion(run, version)
    return began is not None and promoted is not None and promoted > began


def find_began(run: Run) -> datetime | None:
    """Find when an alarm that lasted until lately began, whichever unit of the project noted it."""
    window = run.spec.monitoring.window_days
    return run.once(("began", window), lambda: min((since for _, since in list_beginnings(run)), default=None))


def list_beginnings(run: Run, config: str | None = None) -> list[tuple[Decision, datetime]]:
    """List the checks of the last window that saw an alarm, each with when the alarm began; of all configs, or one."""
    window = timedelta(days=run.spec.monitoring.window_days)
    with run.database.begin(writing=False) as connection:
        checks = read_decisions(
            connection, run.spec.project, config, subject="retrain", since=run.at - window, until=run.at
        )
    return [(check, datetime.fromisoformat(since)) for check in checks if (since := check.numbers.get("since"))]
