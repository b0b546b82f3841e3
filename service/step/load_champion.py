"""Who answers a moment: the champion, or what stands in for one that is damaged or can't answer any more."""

import logging
from dataclasses import replace

import pandas as pd

from db_handler.clock import TICK
from db_handler.errors import NotYetError
from db_handler.ledger.models import ModelRow
from db_handler.ledger.runs import find_result
from db_handler.rows.frames import read_rows
from service.spec.targets import hide_later_labels
from service.step.champion import Champion, load_version, read_champion
from service.step.golden_raw import mark_changed
from service.step.results import Fallback
from service.step.run import Run
from service.tracking.artifact import ModelDamagedError
from service.tracking.registry import PREVIOUS, read_alias

log = logging.getLogger(__name__)

KNOWN_ROWS = 2000  # the newest, from which a rule learns when it stands in


def load_champion(run: Run) -> Champion:
    """Load the champion of the moment; for a damaged one the champion before stands in, then the best naive rule.

    One whose columns mean something else by now answers, and is marked.
    """
    row = read_champion(run)
    try:
        return mark_changed(run, load_version(run, row.version))
    except ModelDamagedError as error:
        log.error("%s", error)
        return _load_previous(run, row, error) or _take_rule(run, row, error)


def _load_previous(run: Run, row: ModelRow, damage: ModelDamagedError) -> Champion | None:
    """Load the champion before, if it can answer this moment: it knows nothing later, and reads what is there."""
    version = read_alias(run.tracking, run.spec.unit, PREVIOUS)
    if version is None or version == row.version:
        return None
    try:
        previous = load_version(run, version)
        previous.check_age(run.spec, run.at)
    except (ModelDamagedError, NotYetError) as error:
        log.warning("%s", error)
        return None
    if previous.at > run.at:
        return None
    return replace(previous, fallback=Fallback(by=PREVIOUS, instead_of=row.version, reason=str(damage)))


def _take_rule(run: Run, row: ModelRow, damage: ModelDamagedError) -> Champion:
    """Let the best naive rule answer, learned from the rows whose target is known at the moment."""
    known = _read_known_rows(run)
    if known.empty or run.project.naive is None:
        raise damage
    spec = run.spec
    return Champion(
        version=None,
        at=run.at,
        training_end=known[spec.data.target_slot].max().to_pydatetime() + spec.data.horizon,
        model={},
        row=row,
        fallback=Fallback(by=_choose_rule(run, row), instead_of=row.version, reason=str(damage)),
        known=known,
    )


def _choose_rule(run: Run, row: ModelRow) -> str:
    """Choose the rule of the least loss in the champion's evidence, which the ledger holds, too."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        evaluation = find_result(
            connection, project=spec.project, config=spec.config, step="evaluate", at=row.at, cause=row.cause
        )
    scores = (evaluation.result or {}).get("scores", {}) if evaluation else {}
    losses = {rule: loss for rule in spec.data.rules if (loss := scores.get(f"{rule}_loss")) is not None}
    return min(losses, key=lambda rule: losses[rule], default=spec.monitoring.baseline)


def _read_known_rows(run: Run) -> pd.DataFrame:
    data = run.spec.data
    until = (data.label_at, run.at + TICK) if data.label_at else (data.target_slot, run.at - data.horizon + TICK)
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.features,
            where=data.where_in(data.features),
            until=until,
            order_by=f"-{until[0]}",
            limit=KNOWN_ROWS,
        )
    return hide_later_labels(run.spec, rows, run.at).dropna(subset=[data.target])
