"""The step inference: the batch of applications that have no answer yet."""

from service.spec import Spec
from service.step import Run
from service.step.results import InferenceResult
from service.tabular.answers import answer_due_rows


def inference(spec: Spec, run: Run) -> InferenceResult:
    """Answer every application by `at` exactly once, with the version that serves, the naive rules beside it."""
    return answer_due_rows(spec, run)
