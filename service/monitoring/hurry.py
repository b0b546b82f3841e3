"""Champions that follow one another before an alarm can be raised on any of them."""

from itertools import pairwise

from db_handler.ledger.decisions import read_flips
from service.contract.kinds import CLOCK
from service.step import Run

LOOKED_AT = 3  # promotions: one that follows soon once is no habit


def describe_hurry(run: Run) -> str | None:
    """Say so where the last champions of the clock's own came sooner than windows of their answers are judged."""
    spec = run.spec
    with run.database.begin(writing=False) as connection:
        flips = read_flips(connection, spec.project, spec.config)[-LOOKED_AT:]
    gaps = [after.at - before.at for before, after in pairwise(flips)]
    if len(flips) < LOOKED_AT or {flip.cause for flip in flips} != {CLOCK} or max(gaps) >= spec.days_to_alarm:
        return None
    return (
        f"the last champions served {max(gaps).days} days at most, and an alarm on one takes {spec.explain_alarm()}: "
        f"let on_clock in dags/{spec.project}_train_wf.py leave more days between two trainings, or set Monitoring.k "
        "or window_days lower"
    )
