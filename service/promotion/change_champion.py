"""The champion's alias: changed from an intent in the ledger, so that a crash at any point can be put right."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from db_handler.ledger.decisions import Decision, read_decisions
from db_handler.ledger.locks import hold_lock
from service.promotion.decision import DAMAGED, save_decision
from service.step import Run
from service.step.results import PromoteResult
from service.tracking.registry import CHAMPION, PREVIOUS, read_alias, set_alias


@contextmanager
def lock_champion(run: Run) -> Iterator[None]:
    """Allow one change of a unit's champion at a time; what is committed meanwhile is fenced by this lock."""
    with hold_lock(run.database, f"promote:{run.spec.unit}") as lock:
        outer, run.lock = run.lock, lock
        try:
            yield
        finally:
            run.lock = outer


def reconcile(run: Run) -> None:
    """Finish the changes of this unit's champion that a crash left between intent and done."""
    if _read_intents(run):
        with lock_champion(run):
            for decision in _read_intents(run):  # read again: their owner may have been alive, and be done by now
                carry_out(run, decision)


def carry_out(run: Run, decision: Decision) -> Decision:
    """Carry an intent out, or go on with one that a crash left; every call of it ends in the same place."""
    unit, before, after = run.spec.unit, decision.version_before, decision.version_after
    serving = read_alias(run.tracking, unit, CHAMPION)
    if serving not in (before, after):
        reasons = [f"version {serving} became champion in the meantime", *decision.reasons]
        decision = replace(decision, verdict="superseded", reasons=reasons, version_after=serving)
    elif after is not None:
        run.commit(lambda _: None)  # the aliases are outside of any transaction: look at the lock right before
        if before not in (None, after) and not decision.numbers.get(DAMAGED):  # nobody can go back to a damaged one
            set_alias(run.tracking, unit, PREVIOUS, before)
        if serving != after:
            set_alias(run.tracking, unit, CHAMPION, after)  # the commit point
    run.platform.at_hand.clear()
    return save_decision(run, replace(decision, state="done"))


def summarise(decision: Decision) -> PromoteResult:
    """Say in plain values what was decided and why."""
    return PromoteResult(
        decision_id=decision.decision_id,
        verdict=decision.verdict,
        version=decision.numbers["challenger"],
        version_before=decision.version_before,
        version_after=decision.version_after,
        reasons=decision.reasons,
        numbers=decision.numbers,
    )


def _read_intents(run: Run) -> list[Decision]:
    with run.database.begin(writing=False) as connection:
        return read_decisions(connection, run.spec.project, run.spec.config, state="intent")
