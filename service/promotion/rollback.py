"""Rollback: the previous champion serves again, at once, and the ledger says who gave way to whom."""

from db_handler.errors import NotYetError
from db_handler.ledger.decisions import Decision
from service.promotion.change_champion import PREVIOUS, carry_out, lock_champion, reconcile, summarise
from service.promotion.decision import name_decision, save_decision
from service.spec import Spec
from service.step import Run
from service.step.results import PromoteResult
from service.tracking.registry import CHAMPION, load_model, read_alias


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
        intent = Decision(
            decision_id=name_decision(run, "rollback", serving),
            project=spec.project,
            config=spec.config,
            at=run.at,
            subject="rollback",
            verdict="rolled_back",
            reasons=[f"version {serving} gives way to {previous}, asked for by {run.cause}"],
            numbers={"challenger": previous},
            cause=run.cause,
            decided_at=run.now,
            state="intent",
            version_before=serving,
            version_after=previous,
            past=run.is_past,
        )
        return summarise(carry_out(run, save_decision(run, intent)))
