"""The step evaluate."""

from typing import Any

from service.tabular.challenger import evaluate_challenger
from service.tabular.rows import read_training_rows


def evaluate(spec: Any, run: Any) -> dict[str, Any]:
    return evaluate_challenger(spec, run, read_training_rows(spec, run))
