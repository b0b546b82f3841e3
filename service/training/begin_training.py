"""The step train behind the data gate: data that is not fit to train on stops it, unless somebody forces it."""

from collections.abc import Callable
from typing import Any

from db_handler.errors import NotYetError
from service.spec import Spec
from service.step import Run
from service.step.results import StepResult
from service.training.history import NOT_FIT, find_data_problem

Body = Callable[[Spec, Run], StepResult]


def guard_training(train: Body) -> Body:
    """Put the data gate in front of a project's step train; a forced training keeps the reason in its result."""

    def train_guarded(spec: Spec, run: Run) -> StepResult:
        problem = find_data_problem(run)
        if problem is None:
            return begin(spec, run)
        problem = problem.removeprefix(f"{spec.unit}: ")
        if run.force is None:
            raise NotYetError(describe_refusal(spec, problem))
        result: dict[str, Any] = {**begin(spec, run), "forced": f"{run.force} (the data: {problem})"}
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
