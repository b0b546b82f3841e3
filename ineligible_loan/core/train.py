"""The step train: a challenger learns from the applications of its window that have been decided."""

from ineligible_loan.loader.window_rows import read_window_rows
from service.spec import Spec
from service.step import Run
from service.step.results import TrainResult
from service.tabular.challenger import train_challenger


def train(spec: Spec, run: Run) -> TrainResult:
    """Learn from all that was decided, or from the whole months before this one."""
    return train_challenger(spec, run, read_window_rows(spec, run))
