"""The step train: a challenger learns from the applications of its window that have been decided."""

from typing import Any

from ineligible_loan.loader.window_rows import read_window_rows
from service.spec import Spec
from service.step import Run
from service.tabular.challenger import train_challenger


def train(spec: Spec, run: Run) -> dict[str, Any]:
    """Learn from all that was decided, or from the whole months before this one."""
    return train_challenger(spec, run, read_window_rows(spec, run))
