"""The step inference."""

from typing import Any

from service.tabular.answers import answer_due_rows


def inference(spec: Any, run: Any) -> dict[str, Any]:
    return answer_due_rows(spec, run)
