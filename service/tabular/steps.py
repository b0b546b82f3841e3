"""The steps train, evaluate and inference of every project that has none of its own in `core/`."""

from service.spec import Spec
from service.step import Run
from service.step.results import EvaluateResult, TrainResult
from service.tabular.answers import answer_due_rows
from service.tabular.challenger import evaluate_challenger, train_challenger
from service.tabular.rows import read_training_rows

inference = answer_due_rows


def train(spec: Spec, run: Run) -> TrainResult:
    """Choose a recipe before the evaluated rows, and fit it on every row whose label is known."""
    return train_challenger(spec, run, read_training_rows(spec, run))


def evaluate(spec: Spec, run: Run) -> EvaluateResult:
    """Gather walk-forward evidence, the naive rules beside it, and probe for leaks."""
    return evaluate_challenger(spec, run, read_training_rows(spec, run))
