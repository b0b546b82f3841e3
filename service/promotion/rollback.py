"""Rollback: the previous champion serves again, at once, and the ledger says who gave way to whom."""

from typing import Any

from db_handler.errors import NotYetError
from service.promotion.change_champion import CHAMPION, PREVIOUS, carry_out, lock_of, reconcile
from service.promotion.decision import name_decision, save_decision
from service.promotion.promote import summarise
from service.spec import Spec
from service.step import Run
from service.tracking.registry import load_model, read_alias


def rollback(spec: Spec, run: Run) -> dict[str, Any]:
    """Put the previous champion back; its files are loaded and checked before."""
    reconcile(run)
    with lock_of(run):
        serving, previous = (read_alias(run.tracking, spec.unit, alias) for alias in (CHAMPION, PREVIOUS))
        if serving is None:
            raise NotYetError(f"{spec.unit} has no champion yet, and nothing to go back to: run train first")
        if previous is None or previous == serving:
            raise NotYetError(f"{spec.unit} has no previous champion to go back to; version {serving} stays")
        load_model(run.tracking, spec.unit, previous, fresh=True)
        intent = save_decision(
            run,
            name_decision(run, "rollback", serving),
            subject="rollback",
            verdict="rolled_back",
            reasons=[f"version {serving} gives way to {previous}, asked for by {run.cause}"],
            numbers={"challenger": previous},
            version_before=serving,
            version_after=previous,
            state="intent",
        )
        return summarise(carry_out(run, intent))
