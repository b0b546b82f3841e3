"""Which champion serves a moment, and whether it still can."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from db_handler.clock import TICK
from db_handler.errors import NotYetError, QuartetError
from db_handler.ledger.decisions import Decision, read_decisions, read_flips
from db_handler.ledger.models import ModelRow, find_model, record_model
from db_handler.rows.frames import read_rows
from service.contract.describe_error import describe_bug
from service.contract.moment import write_at
from service.spec import Spec
from service.step.results import Fallback
from service.step.run import Run
from service.tracking.artifact import ModelDamagedError
from service.tracking.lost_row import rebuild_row
from service.tracking.registry import CHAMPION, load_model, read_alias

log = logging.getLogger(__name__)

TRIED = 4  # of the newest model rows, by which today's code shows that it can answer with a model


@dataclass(frozen=True)
class Champion:
    """A champion as a step needs it: the model, and what its version carries; or what stands in for one.

    A naive rule that stands in has no version and no model: it has learned from `known`, the rows known at the moment.
    """

    version: int | None
    at: datetime
    training_end: datetime
    model: dict[str, Any]
    row: ModelRow
    fallback: Fallback | None = None
    known: pd.DataFrame | None = None

    def check_age(self, spec: Spec, at: datetime) -> bool:
        """Say whether it is older than its project allows; where the config refuses such a one, it is an error."""
        stale = at - self.at > timedelta(days=spec.train.max_age_days)
        if stale and spec.inference.when_stale == "refuse":
            raise NotYetError(
                f"{spec.unit} refuses to predict: its champion of {self.at:%Y-%m-%d} is too old, run train"
            )
        return stale


def read_champion(run: Run) -> ModelRow:
    """Read the ledger's row of the champion that serves the moment of a run; its files may be damaged."""
    version = find_champion_version(run)
    if version is None:
        raise explain_no_champion(run)
    return read_version(run, version)


def find_champion_version(run: Run) -> int | None:
    """Find the version that serves the moment of a run, by the alias and the ledger; read once a command."""

    def find() -> int | None:
        with run.database.begin(writing=False) as connection:
            flips = read_flips(connection, run.spec.project, run.spec.config)
        return choose_version(flips, read_alias(run.tracking, run.spec.unit, CHAMPION), run.at)

    return run.once((CHAMPION, run.spec.unit), find)


def choose_version(flips: Sequence[Decision], alias: int | None, at: datetime) -> int | None:
    """Choose the version that serves `at`: the alias, or for earlier moments the one that the ledger names.

    `flips` are the promotions and rollbacks that were carried out, by their `at`. A promotion serves from the moment
    after its own, so that a run of that moment repeated gives what it gave; only the first champion serves its own.
    """
    later = [flip for flip in flips if flip.at >= at and not (flip is flips[0] and flip.at == at)]
    if not later:
        return alias
    before = [flip for flip in flips if flip not in later]
    return before[-1].version_after if before else None


def find_promotion(run: Run, version: int) -> datetime | None:
    """Find the moment at which a version last became champion; read once a command."""

    def find() -> datetime | None:
        with run.database.begin(writing=False) as connection:
            flips = read_flips(connection, run.spec.project, run.spec.config)
        return next((flip.at for flip in reversed(flips) if flip.version_after == version), None)

    return run.once(("promotion", run.spec.unit, version), find)


def load_version(run: Run, version: int) -> Champion:
    """Load one version with its row of the ledger; one that can't answer rows of today is as good as damaged."""
    row, whose = read_version(run, version), f"{run.spec.unit} version {version}"
    if not row.recipe:
        raise ModelDamagedError(f"{whose} is none that the ledger knows, and its config has changed: train again")
    if lost := find_lost_columns(row, run.spec):
        raise ModelDamagedError(f"{whose} reads {', '.join(lost)}, which rows have no longer: train again")
    model = load_model(run.tracking, run.spec.unit, version)
    run.once(("answers", run.spec.unit, version), lambda: try_model(run, model, whose))
    return Champion(version, row.at, row.training_end, model, row)


def find_lost_columns(row: ModelRow, spec: Spec) -> list[str]:
    """Name the columns that a version reads and that model rows no longer have."""
    columns = row.recipe["features"]["columns"] if row.recipe else ()
    return [column for column in columns if column not in spec.data.features.columns]


def read_newest(run: Run, count: int) -> pd.DataFrame:
    """Read the newest model rows, the oldest of them first."""
    data = run.spec.data
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.features,
            where=data.where_in(data.features),
            until=(data.target_slot, run.at + data.horizon),
            order_by=f"-{data.target_slot}",
            limit=count,
        )
    return rows.iloc[::-1]


def try_model(run: Run, model: dict[str, Any], whose: str) -> None:
    """Let a model answer the newest rows: a project's code may read from it by now what an older one does not hold."""
    rows = read_newest(run, TRIED)
    if rows.empty:
        return
    try:
        run.project.predict_rows(model, rows)
    except (QuartetError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        said = describe_bug(error)
        raise ModelDamagedError(f"today's code can't answer with {whose}: predict_rows {said}") from error


def read_version(run: Run, version: int) -> ModelRow:
    """Read the ledger's row of a version; one that it does not know is the registry's, and kept if it is whole."""
    with run.database.begin(writing=False) as connection:
        row = find_model(connection, project=run.spec.project, config=run.spec.config, version=version)
    if row is not None:
        return row
    row = rebuild_row(run.tracking, run.spec, version, run.at)
    if row.recipe:
        log.warning("%s: the ledger did not know version %d, its row is the registry's", run.spec.unit, version)
        run.database.retry(lambda connection: record_model(connection, row))
    return row


def explain_no_champion(run: Run, meanwhile: str = "") -> NotYetError:
    """Say why nothing serves this moment yet: no version was trained, or the last one was not promoted."""
    project, config, until = run.spec.project, run.spec.config, run.at + TICK
    with run.database.begin(writing=False) as connection:
        judged = read_decisions(connection, project, config, subject="promotion", state="done", until=until)
    advice = "run train first"
    if judged:
        version, objection = judged[-1].numbers["challenger"], judged[-1].reasons[0]
        advice = f"version {version} was not promoted ({objection})"
    return NotYetError(f"{run.spec.unit} has no champion at {write_at(run.at)} yet{meanwhile}: {advice}")
