"""The step train behind its gate: unfit data, or a recipe that has just failed, stops it unless somebody forces it."""

from collections.abc import Callable
from typing import Any

from db_handler.errors import NotYetError
from service.spec import Spec
from service.step import Run
from service.step.results import StepResult
from service.training.history import NOT_FIT, find_data_problem
from service.training.rejection import refuse_rejected

Body = Callable[[Spec, Run], StepResult]


def guard_training(train: Body) -> Body:
    """Put the gate in front of a project's step train; a forced training keeps the reason in its result."""

    def train_guarded(spec: Spec, run: Run) -> StepResult:
        problem, rejection = (find_data_problem(run) or "").removeprefix(f"{spec.unit}: "), refuse_rejected(run)
        if problem and run.force is None:
            raise NotYetError(describe_refusal(spec, problem))
        if rejection and run.force is None:
            raise NotYetError(describe_rejection(spec, rejection))
        against = [reason for reason in (problem and f"the data: {problem}", rejection) if reason]
        forced = {"forced": f"{run.force} ({'; '.join(against)})"} if against else {}
        result: dict[str, Any] = {**begin(spec, run), **forced}
        return result

    def begin(spec: Spec, run: Run) -> StepResult:
        # This step holds the unit's lock, so nobody works on what an earlier training left open in MLflow.
        run.tracking.end_cut_off_runs(spec.project, spec.config)
        return train(spec, run)

    return train_guarded


def describe_refusal(spec: Spec, problem: str) -> str:
    """Say what is wrong with the data, and both ways on."""
    return (
        f"{spec.unit} is not trained, since {NOT_FIT}: {problem}. Mend it and run data, or train "
        f'all the same:  make run p={spec.project} k=train c={spec.config} force="why"'
    )


def describe_rejection(spec: Spec, rejection: str) -> str:
    """Say that the recipe has just failed, and both ways on."""
    return (
        f"{spec.unit} is not trained, since {rejection}. Wait, change the recipe, or train all the same:  "
        f'make run p={spec.project} k=train c={spec.config} force="why"'
    )
