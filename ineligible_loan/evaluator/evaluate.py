"""Scores odds of eligible and ineligible, in training and live alike, and names the slices to watch."""

import pandas as pd

from ineligible_loan.utils.utils import load_spec_from_config
from service.statistics.scores import score_classes
from service.tabular.models.rules import fit_rules, predict_rules

# Of the odds of eligible and ineligible; `loss` is the log loss.
score = score_classes


def naive(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict odds by the shares of the classes, and by the best split on one column."""
    return predict_rules(fit_rules(load_spec_from_config("batch"), history), rows)  # the rules are the same for all


def slice_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the parts on which a challenger must not get worse: where the house stands, and the applicant's gender."""
    named = rows[["property_area", "gender"]].fillna("not said")
    return named.set_axis(["slice_area", "slice_gender"], axis="columns")
