"""The flip of the champion's alias: intent, commit point, and what puts right a crash between them."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from db_handler.ledger.decisions import read_decisions
from db_handler.ledger.locks import hold_lock
from service.promotion.decision import Decision, save_decision
from service.promotion.gate import Verdict
from service.step import Run
from service.step.champion import read_version
from service.tracking.registry import read_alias, set_alias

LOCK_SECONDS = 600
CHAMPION, PREVIOUS = "champion", "previous_champion"


@dataclass(frozen=True)
class Flip:
    """A change of champion that is asked for: from which version to which."""

    decision_id: str
    version: int
    expected: int | None
    by_person: bool


def flip_alias(run: Run, flip: Flip, verdict: Verdict) -> Decision:
    """Record the verdict and, where it allows, change the champion."""
    outcome = name_verdict(run, flip, verdict)
    promoted = outcome == "promoted"
    decision = save_decision(
        run,
        flip.decision_id,
        subject="promotion",
        verdict=outcome,
        reasons=[*verdict.objections, *verdict.reasons],
        numbers={**verdict.numbers, "challenger": flip.version},
        version_before=flip.expected,
        version_after=flip.version if promoted else flip.expected,
        state="intent" if promoted else "done",
    )
    return carry_out(run, decision) if promoted else decision


def name_verdict(run: Run, flip: Flip, verdict: Verdict) -> str:
    """Name the outcome: a config may leave the last word to a person, and a later moment's champion is not replaced."""
    if not verdict.passed:
        return "kept"
    if run.spec.train.promote == "person" and not flip.by_person:
        verdict.note(False, f"passed, and waits for a person: promote --config {run.spec.config}")
        return "waiting"
    if flip.expected is not None and read_version(run, flip.expected)["at"] > run.at:
        verdict.note(False, f"version {flip.expected}, trained for a later moment, serves already")
        return "superseded"
    return "promoted"


def carry_out(run: Run, decision: Decision) -> Decision:
    """Carry an intent out, or go on with one that a crash left; every call of it ends in the same place."""
    unit, before, after = run.spec.unit, decision["version_before"], decision["version_after"]
    serving = read_alias(run.tracking, unit, CHAMPION)
    if serving not in (before, after):
        reasons = [f"version {serving} became champion in the meantime", *decision["reasons"]]
        decision = {**decision, "verdict": "superseded", "reasons": reasons, "version_after": serving}
    else:
        if before is not None:
            set_alias(run.tracking, unit, PREVIOUS, before)
        if serving != after:
            set_alias(run.tracking, unit, CHAMPION, after)  # the commit point
    run.platform.at_hand.clear()
    return save_decision(run, **{**decision, "state": "done"})


def lock_of(run: Run) -> AbstractContextManager[None]:
    """One change of a unit's champion at a time."""
    return hold_lock(run.database, f"promote:{run.spec.unit}", seconds=LOCK_SECONDS)


def reconcile(run: Run) -> None:
    """Finish the flips of this unit that a crash left between intent and done."""
    if read_intents(run):
        with lock_of(run):
            for decision in read_intents(run):  # read again: their owner may have been alive, and be done by now
                carry_out(run, decision)


def read_intents(run: Run) -> list[Decision]:
    with run.database.begin(writing=False) as connection:
        return read_decisions(connection, run.spec.project, run.spec.config, state="intent")
