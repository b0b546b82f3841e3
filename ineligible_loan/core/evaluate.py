"""The step evaluate: walk-forward evidence for the challenger, the naive rules beside it."""

from ineligible_loan.loader.window_rows import read_window_rows
from service.spec import Spec
from service.step import Run
from service.step.results import EvaluateResult
from service.tabular.challenger import evaluate_challenger


def evaluate(spec: Spec, run: Run) -> EvaluateResult:
    """Predict the newest decided applications of the window, each by a fit that ended before it."""
    return evaluate_challenger(spec, run, read_window_rows(spec, run))
