"""The step train: choose a recipe before the evaluated rows, fit it on every row whose label is known."""

from typing import Any

from service.spec import Spec
from service.step import Run
from service.tabular.challenger import train_challenger
from service.tabular.rows import read_training_rows


def train(spec: Spec, run: Run) -> dict[str, Any]:
    """Fit a challenger; the same rows and recipe answer with the version that is there."""
    return train_challenger(spec, run, read_training_rows(spec, run))
