"""The step preprocess: new raw rows, and those that got their label, become model rows."""

from income.preprocessor.preprocess import read_rows
from service.spec import Spec
from service.step import Run
from service.step.results import PreprocessResult
from service.tabular.collect import prepare_rows


def preprocess(spec: Spec, run: Run) -> PreprocessResult:
    """Mend and count dirty texts, and store the model rows."""
    return prepare_rows(spec, run, read_rows)
