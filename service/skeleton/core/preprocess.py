"""The step preprocess: raw rows that are new or changed become model rows."""

from service.skeleton.preprocessor.preprocess import read_rows
from service.spec import Spec
from service.step import Run
from service.step.results import PreprocessResult
from service.tabular.collect import prepare_rows


def preprocess(spec: Spec, run: Run) -> PreprocessResult:
    """Mend and count dirty texts, and store the model rows."""
    return prepare_rows(spec, run, read_rows)
