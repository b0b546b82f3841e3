"""A recipe that probation rolled back: it is not tried again until new rows have come."""

from datetime import datetime

import pandas as pd

from db_handler.clock import TICK
from db_handler.ledger.decisions import Decision, read_decisions, read_flips
from db_handler.ledger.models import find_model
from db_handler.rows.frames import read_rows
from service.spec.targets import hide_later_labels
from service.step import Run

PROBATION, PROMOTION = "probation", "promotion"  # in the numbers of a rollback: the decisions that it goes back to
ROLLED_BACK = "its recipe was rolled back"  # in the error of a training that this stopped


def find_rejection(run: Run) -> Decision | None:
    """Find the rollback by probation that no other change of the champion followed, if the recipe is still the same."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        flips = [flip for flip in read_flips(connection, spec.project, spec.config) if flip.at <= run.at]
        if not flips or PROBATION not in flips[-1].numbers:
            return None
        rejected = find_model(connection, project=spec.project, config=spec.config, version=flips[-1].version_before)
    return flips[-1] if rejected is not None and rejected.recipe_hash == spec.recipe_hash else None


def list_undone(run: Run) -> set[str]:
    """List the promotions that probation took back: each was a training in vain."""
    with run.database.begin(writing=False) as connection:
        rollbacks = read_decisions(
            connection, run.spec.project, run.spec.config, subject="rollback", state="done", until=run.at + TICK
        )
    return {rollback.numbers[PROMOTION] for rollback in rollbacks if PROMOTION in rollback.numbers}


def refuse_rejected(run: Run) -> str | None:
    """Say why a training has to wait, if probation rolled this recipe back and too few rows have come since."""
    rejection, wanted = find_rejection(run), run.spec.monitoring.min_new_rows
    if rejection is None:
        return None
    rows = len(read_new_rows(run, rejection.at))
    if rows >= wanted:
        return None
    return (
        f"{ROLLED_BACK} at {rejection.at:%Y-%m-%d %H:%M} UTC ({rejection.reasons[0]}), and only {rows} of {wanted} "
        "new rows have come since"
    )


def read_new_rows(run: Run, since: datetime) -> pd.DataFrame:
    """Read the model rows that have come since a moment, without those whose label is still to come."""
    data = run.spec.data
    columns = [data.target_slot, data.target, *([data.label_at] if data.label_at else [])]
    with run.database.begin(writing=False) as connection:
        rows = read_rows(
            connection,
            data.features,
            columns=list(dict.fromkeys(columns)),
            where=data.where_in(data.features),
            since=(data.target_slot, since),
            until=(data.target_slot, run.at),
            order_by=data.target_slot,
        )
    return hide_later_labels(run.spec, rows, run.at).dropna(subset=[data.target]) if data.label_at else rows
