"""The step preprocess: new raw rows, and those that got their label, become model rows."""

from typing import Any

from income.preprocessor.preprocess import read_rows
from service.spec import Spec
from service.step import Run
from service.tabular.collect import prepare_rows


def preprocess(spec: Spec, run: Run) -> dict[str, Any]:
    """Mend and count dirty texts, and store the model rows."""
    return prepare_rows(spec, run, read_rows)
