"""The applications that a model of a config may learn from."""

import pandas as pd

from ineligible_loan.preprocessor.date_values import bound_months_before
from service.spec import Spec
from service.step import Run
from service.tabular.rows import read_training_rows


def read_window_rows(spec: Spec, run: Run) -> pd.DataFrame:
    """Read the decided applications of the whole months before the month of the run, or all of them."""
    if spec.train.months is None:
        return read_training_rows(spec, run)
    since, until = bound_months_before(run.at, spec.train.months)
    return read_training_rows(spec, run, since=since, until=until)
