"""The verb generate: practice data of a project, day by day; a day is the same in whatever range."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from db_handler.errors import UsageError
from db_handler.ledger.practice import claim_for_practice
from service.contract.project import ProjectError
from service.contract.projects import has_module
from service.sources.day_range import DAY, DayRange, start_of
from service.sources.fill_tables import Part, fill_tables, open_sources
from service.spec import Spec
from service.spec.sources import Sources
from service.step import Run
from service.step.progress import track

MANY = 60  # days
SEED = 7


def generate(
    spec: Spec, run: Run, *, days: DayRange, drift: date | None = None, delay: timedelta | None = None, seed: int = SEED
) -> dict[str, Any]:
    """Fill the source tables by the project's `generate_day`, day by day, changed from `drift` on."""
    sources = open_sources(spec, run.database)
    if not has_module(f"{spec.project}.loader.generate"):
        raise UsageError(f"{spec.project} has no practice data: {spec.project}/loader/generate.py is not there")
    _insist_on_practice_tables(spec, run, sources)
    label_delay = spec.data.label_delay if delay is None else delay

    def generate_days() -> Iterator[Part]:
        for day in track(days.days, len(days.days), f"{spec.project}: practice data", long=MANY):
            changed, draws = drift is not None and day >= drift, make_draws(spec.project, seed, day)
            frames = run.project.generate_day(spec, day, draws, changed=changed, delay=label_delay)
            _check_day(frames, sources, day, f"{spec.project}/loader/generate.py: generate_day")
            yield frames

    counts = fill_tables(run.database, sources, generate_days())
    rows = sum(sum(table_counts.values()) for table_counts in counts.values())
    return {"days": len(days.days), "rows": rows, "first": str(days.first), "last": str(days.last), "tables": counts}


def _insist_on_practice_tables(spec: Spec, run: Run, sources: Sources) -> None:
    """Refuse tables with rows that this verb did not make, before one is written."""
    mixed = run.database.retry(lambda connection: claim_for_practice(connection, spec.project, sources.tables, run.now))
    if mixed:
        raise UsageError(
            f"{mixed} holds rows that were imported or written by others, and practice data is never mixed with them: "
            "empty the source tables first, or generate into another home (QUARTET_HOME)"
        )


def make_draws(project: str, seed: int, day: date) -> np.random.Generator:
    """Make the generator of a day.

    >>> int(make_draws("income", 7, date(2025, 1, 1)).integers(1000))
    94
    """
    text = f"{project}\n{seed}\n{day.isoformat()}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()))


def _check_day(frames: Any, sources: Sources, day: date, where: str) -> None:
    """Refuse anything but a frame for each source table with moments of the day."""
    if not isinstance(frames, dict) or not all(isinstance(rows, pd.DataFrame) for rows in frames.values()):
        raise ProjectError(f"{where} must return a frame for each source table")
    for name, rows in frames.items():
        if name not in sources.by_name:
            raise ProjectError(f"{where} fills {name!r:.60}, which is none of {', '.join(sources.by_name)}")
        moments = rows.get(sources.dated.get(name, ""))
        if moments is not None and not moments.between(start_of(day), start_of(day + DAY), inclusive="left").all():
            raise ProjectError(f"{where} made rows for {day} whose {sources.dated[name]} is not of that day")
