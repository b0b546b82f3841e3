"""The step inference: the champion of the moment answers every row that has no answer yet."""

from service.spec import Spec
from service.step import Run
from service.step.results import InferenceResult
from service.tabular.answers import answer_due_rows


def inference(spec: Spec, run: Run) -> InferenceResult:
    """Answer each row once, by the model and by each naive rule."""
    return answer_due_rows(spec, run)
