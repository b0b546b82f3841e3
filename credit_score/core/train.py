"""The step train: choose a recipe before the evaluated rows, fit it on every customer whose score is known."""

from service.spec import Spec
from service.step import Run
from service.step.results import TrainResult
from service.tabular.challenger import train_challenger
from service.tabular.rows import read_training_rows


def train(spec: Spec, run: Run) -> TrainResult:
    """Fit a challenger; the same rows and recipe answer with the version that is there."""
    return train_challenger(spec, run, read_training_rows(spec, run))
