"""The step load: rows that are new in the source tables, and the labels that have come since."""

from service.spec import Spec
from service.step import Run
from service.step.results import LoadResult
from service.tabular.collect import collect_rows


def load(spec: Spec, run: Run) -> LoadResult:
    """Take over the rows and labels up to the moment of the run, as they came."""
    return collect_rows(spec, run)
