"""A generated year of each project, with a change and without: false retrains, and how late the change is noticed."""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pandas as pd
from scipy.stats import ks_2samp

from bench.row import Row, Skipped
from db_handler.errors import QuartetError
from db_handler.ledger.decisions import Decision, read_decisions
from db_handler.ledger.virtual_now import begin_virtual_time, move_virtual_now
from db_handler.open_database import open_database
from db_handler.rows.frames import read_rows
from messenger.clients import MemoryClient
from messenger.send import Messenger
from service.sources.day_range import DayRange
from service.spec.load_spec import load_spec
from service.step.platform import Platform
from service.workflow.open_platform import open_platform
from service.workflow.run_kind import run_kind, run_verb

USUAL = "KS at 0.05 on any feature, weekly"


@dataclass(frozen=True)
class Sizes:
    """Which projects live through how many days, and how often they look."""

    configs: tuple[str, ...] = ("credit_score.customers", "income.adult", "ineligible_loan.continuous_deployment")
    first: date = date(2025, 1, 1)
    last: date = date(2025, 12, 31)
    change: date = date(2025, 8, 1)
    every: timedelta = timedelta(days=2)
    months: Mapping[str, int] = field(default_factory=lambda: {"credit_score": 2})  # between trainings, if not one


@dataclass(frozen=True)
class Year:
    """What happened in one year of one config."""

    alarms: list[datetime]
    retrains: list[datetime]  # those that an alarm called for
    promoted: list[datetime]
    usual: int  # how often the usual rule would have called


def measure_rehearsal(tiny: bool) -> Iterator[Row | Skipped]:
    """Let each project live through the year twice."""
    sizes = Sizes(configs=("income.adult",), last=date(2025, 1, 5), change=date(2025, 1, 3)) if tiny else Sizes()
    logging.getLogger("service.step.run_step").setLevel(logging.ERROR)  # months without a champion are no news here
    for unit in sizes.configs:
        project, _, config = unit.partition(".")
        calm, changed = (live_year(project, config, sizes, change) for change in (None, sizes.change))
        start = datetime.combine(sizes.change, datetime.min.time(), UTC)
        note = f"promoted {len(calm.promoted)} times without the change"
        yield Row(f"{unit}, a year without a change", "false", len(calm.retrains), USUAL, calm.usual, note=note)
        noticed = next((at for at in changed.alarms if at >= start), None)
        if noticed is None:
            yield Skipped(f"{unit}, a change on {sizes.change}", "it was not noticed")
            continue
        days = (noticed - start).total_seconds() / 86_400
        rules = load_spec(project, config)
        windows = rules.data.label_delay.days + rules.monitoring.k * rules.monitoring.window_days
        served = next((at for at in changed.promoted if at >= noticed), None)
        days_to_better = f"{(served - start).days} days after the change" if served else "yet"
        note = f"{'a' if served else 'no'} better champion {days_to_better}"
        early = sum(at < start for at in changed.retrains)
        flaw = f"{early} false retrains before it" if early else ""
        work, peer = f"{unit}, until the change is noticed", "delay of labels and the windows"
        yield Row(work, "days", days, peer, windows, note=note, flaw=flaw)


def live_year(project: str, config: str, sizes: Sizes, change: date | None) -> Year:
    """Fill the sources of a home of its own and let a config live by a virtual clock."""
    begin = datetime.combine(sizes.first, datetime.min.time(), UTC) + timedelta(hours=2, minutes=5)
    end = datetime.combine(sizes.last, datetime.min.time(), UTC)
    with TemporaryDirectory(prefix="quartet-year-") as folder, patch.dict(os.environ, QUARTET_HOME=folder):
        for name in ("QUARTET_DATABASE_URL", "MLFLOW_TRACKING_URI"):
            os.environ.pop(name, None)
        with open_database() as database, database.begin() as connection:
            begin_virtual_time(connection, begin, end=end + timedelta(days=2))
        platform = open_platform(project, [config])
        platform.messenger = Messenger(platform.database, platform.clock, MemoryClient())
        days = DayRange(sizes.first, sizes.last)
        filled = run_verb(platform, "generate", [config], at=begin, now=begin, options={"days": days, "drift": change})
        if any(outcome.status != "done" for outcome in filled.values()):
            raise QuartetError(f"{project}: practice data could not be made: {filled}")
        at, month = begin + sizes.every, 0
        while at <= end:
            due = at.month != month and (at.month - 1) % sizes.months.get(project, 1) == 0
            _live_moment(platform, config, at, due=due)
            at, month = at + sizes.every, at.month
        year = _look_back(platform, config)
        platform.database.close()
    return year


def _live_moment(platform: Platform, config: str, at: datetime, *, due: bool) -> None:
    """Run what the schedules would: data, a training where one is due, inference, monitoring."""
    platform.database.retry(lambda connection: move_virtual_now(connection, at))
    platform.clock.move_to(at)  # type: ignore[union-attr]  # a virtual home's clock
    kinds = ["data", "train", "inference", "monitoring"] if due else ["data", "inference", "monitoring"]
    for kind in kinds:
        run_kind(platform, kind, [config], at=at, now=at, cause="clock")
    platform.messenger.flush()


def _look_back(platform: Platform, config: str) -> Year:
    project = platform.project.name
    with platform.database.begin(writing=False) as connection:
        checks = read_decisions(connection, project, config, subject="retrain")
        promoted = read_decisions(connection, project, config, subject="promotion", verdict="promoted")
    raised = [check for check in checks if check.numbers.get("since")]
    retrains = [check.at for check in raised if check.verdict == "retrain"]
    return Year(
        [check.at for check in raised],
        retrains,
        [promotion.at for promotion in promoted],
        _count_usual(platform, config, promoted),
    )


def _count_usual(platform: Platform, config: str, promoted: list[Decision]) -> int:
    """Count the weeks in which a feature differs from the first training rows by the usual test."""
    if not promoted:
        return 0
    spec = platform.specs[config]
    with platform.database.begin(writing=False) as connection:
        rows = read_rows(connection, spec.data.features, where=spec.data.where_in(spec.data.features))
    times = rows[spec.data.target_slot]
    reference, later = rows[times < promoted[0].at], rows[times >= promoted[0].at]
    numbers = [column for column in spec.features.columns if column not in spec.features.categories]
    weeks = later.groupby((later[spec.data.target_slot] - times.min()) // pd.Timedelta(days=7))
    return sum(any(_differs(reference[column], week[column]) for column in numbers) for _, week in weeks)


def _differs(before: "pd.Series[float]", now: "pd.Series[float]") -> bool:
    before, now = before.dropna(), now.dropna()
    return bool(len(now) and ks_2samp(before, now).pvalue < 0.05)
