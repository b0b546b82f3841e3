"""The step evaluate: walk-forward evidence, the naive rules beside it, and the probes for leaks."""

from service.spec import Spec
from service.step import Run
from service.step.results import EvaluateResult
from service.tabular.challenger import evaluate_challenger
from service.tabular.rows import read_training_rows


def evaluate(spec: Spec, run: Run) -> EvaluateResult:
    """Predict the evaluated rows each by a fit that ended before it."""
    return evaluate_challenger(spec, run, read_training_rows(spec, run))
