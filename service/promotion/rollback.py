"""Rollback: the previous champion serves again, at once, and the ledger says who gave way to whom."""

from db_handler.errors import NotYetError
from service.promotion.change_champion import carry_out, lock_champion, reconcile, summarise
from service.promotion.decision import make_decision, name_decision, save_decision
from service.spec import Spec
from service.step import Run
from service.step.results import PromoteResult
from service.tracking.registry import CHAMPION, PREVIOUS, load_model, read_alias


def rollback(spec: Spec, run: Run) -> PromoteResult:
    """Put the previous champion back; its files are loaded and checked before."""
    reconcile(run)
    with lock_champion(run):
        serving, previous = (read_alias(run.tracking, spec.unit, alias) for alias in (CHAMPION, PREVIOUS))
        if serving is None:
            raise NotYetError(f"{spec.unit} has no champion yet, and nothing to go back to: run train first")
        if previous is None or previous == serving:
            raise NotYetError(f"{spec.unit} has no previous champion to go back to; version {serving} stays")
        load_model(run.tracking, spec.unit, previous, fresh=True)
        intent = make_decision(
            run,
            name_decision(run, "rollback", serving),
            subject="rollback",
            verdict="rolled_back",
            reasons=[f"version {serving} gives way to {previous}, asked for by {run.cause}"],
            numbers={"challenger": previous},
            versions=(serving, previous),
            state="intent",
        )
        return summarise(carry_out(run, save_decision(run, intent)))
