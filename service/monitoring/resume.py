"""The verb resume: a person has looked at a unit that asked for one, and lets it retrain by itself again."""

from db_handler.ledger.decisions import Decision
from service.promotion.decision import name_decision, save_decision
from service.spec import Spec
from service.step import Run
from service.step.results import ResumeResult
from service.training.history import list_attempts, read_calls


def resume(spec: Spec, run: Run) -> ResumeResult:
    """Begin the count of refused retrains anew."""
    calls, promoted_before = read_calls(run)
    refused = len([promoted for promoted in list_attempts(calls, promoted_before=promoted_before) if not promoted])
    decision = Decision(
        decision_id=name_decision(run, "resume"),
        project=spec.project,
        config=spec.config,
        at=run.at,
        subject="resume",
        verdict="resumed",
        reasons=[f"asked for by {run.cause} after {refused} retrains that were not promoted"],
        numbers={"refused": refused},
        cause=run.cause,
        decided_at=run.now,
        past=run.is_past,
    )
    save_decision(run, decision)
    return ResumeResult(decision_id=decision.decision_id, forgiven=refused)
