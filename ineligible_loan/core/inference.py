"""The step inference: the batch of applications that have no answer yet."""

from typing import Any

from service.spec import Spec
from service.step import Run
from service.tabular.answers import answer_due_rows


def inference(spec: Spec, run: Run) -> dict[str, Any]:
    """Answer every application by `at` exactly once, with the version that serves, the naive rules beside it."""
    return answer_due_rows(spec, run)
