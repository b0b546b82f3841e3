"""Rollback: the previous champion serves again, at once, and the ledger says who gave way to whom."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from db_handler.errors import NotYetError
from db_handler.ledger.decisions import Decision, record_decisions
from service.promotion.change_champion import carry_out, lock_champion, reconcile, summarise
from service.promotion.decision import make_decision, name_decision, save_decision
from service.spec import Spec
from service.step import Run
from service.step.results import PromoteResult
from service.tracking.registry import CHAMPION, PREVIOUS, load_model, read_alias
from service.training.rejection import PROBATION, PROMOTION


def rollback(spec: Spec, run: Run) -> PromoteResult:
    """Put the previous champion back; its files are loaded and checked before."""
    reconcile(run)
    with lock_champion(run):
        serving, previous = (read_alias(run.tracking, spec.unit, alias) for alias in (CHAMPION, PREVIOUS))
        if serving is None:
            raise NotYetError(f"{spec.unit} has no champion yet, and nothing to go back to: run train first")
        if previous is None or previous == serving:
            raise NotYetError(f"{spec.unit} has no previous champion to go back to; version {serving} stays")
        intent = intend(run, serving, previous, f"asked for by {run.cause}")
        return summarise(carry_out(run, save_decision(run, intent)))


def roll_back_for(run: Run, probation: Decision, promotion: Decision) -> bool:
    """Put the champion before a promotion back since its probation found the new one worse; both are noted at once.

    Where the new one serves no longer, nothing is done.
    """
    serving, previous = promotion.version_after, promotion.version_before
    with lock_champion(run):
        if serving is None or previous is None or read_alias(run.tracking, run.spec.unit, CHAMPION) != serving:
            return False
        numbers = {PROBATION: probation.decision_id, PROMOTION: promotion.decision_id}
        intent = intend(run, serving, previous, f"on probation {probation.reasons[0]}", numbers)
        run.commit(lambda connection: record_decisions(connection, (probation, intent)))
        carry_out(run, intent)
    return True


def intend(
    run: Run, serving: int, previous: int, why: str, numbers: Mapping[str, Any] = MappingProxyType({})
) -> Decision:
    """Intend to put a version back whose files are whole."""
    load_model(run.tracking, run.spec.unit, previous, fresh=True)
    return make_decision(
        run,
        name_decision(run, "rollback", serving),
        subject="rollback",
        verdict="rolled_back",
        reasons=[f"version {serving} gives way to {previous}, {why}"],
        numbers={"challenger": previous, **numbers},
        versions=(serving, previous),
        state="intent",
    )
