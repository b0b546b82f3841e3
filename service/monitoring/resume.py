"""The verb resume: a person has looked at a unit that asked for one, and lets it retrain by itself again."""

from service.promotion.decision import make_decision, name_decision, save_decision
from service.spec import Spec
from service.step import Run
from service.step.results import ResumeResult
from service.training.history import list_attempts, read_calls


def resume(_spec: Spec, run: Run) -> ResumeResult:
    """Begin the count of refused retrains anew."""
    calls, promoted_before = read_calls(run)
    refused = len([promoted for promoted in list_attempts(calls, promoted_before=promoted_before) if not promoted])
    if not refused:
        reasons = [f"no retrain of {run.spec.unit} was refused since the last promotion: it goes on by itself already"]
        return ResumeResult(decision_id=None, forgiven=0, reasons=reasons)
    reasons = [f"asked for by {run.cause} after {refused} retrains that were not promoted"]
    name, numbers = name_decision(run, "resume"), {"refused": refused}
    decision = make_decision(run, name, subject="resume", verdict="resumed", reasons=reasons, numbers=numbers)
    save_decision(run, decision)
    return ResumeResult(decision_id=decision.decision_id, forgiven=refused, reasons=reasons)
