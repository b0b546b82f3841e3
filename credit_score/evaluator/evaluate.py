"""Scores odds of poor, standard and good, in training and live alike, and parts customers into groups to watch."""

import pandas as pd

from credit_score.utils.utils import load_spec_from_config
from service.statistics.scores import score_classes
from service.tabular.models.rules import fit_rules, predict_rules

GROUPS = {
    "technical": ("Architect", "Developer", "Engineer", "Mechanic", "Scientist"),
    "business": ("Accountant", "Entrepreneur", "Lawyer", "Manager", "Media_Manager"),
    "arts_and_care": ("Doctor", "Journalist", "Musician", "Teacher", "Writer"),
}
GROUP_OF = {occupation: group for group, members in GROUPS.items() for occupation in members}

# Of the odds of poor, standard and good; `loss` is the log loss.
score = score_classes


def naive(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict odds by the shares of the classes, and by the best split on one column."""
    return predict_rules(fit_rules(load_spec_from_config("customers"), history), rows)


def slice_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the group of occupations and the age band of each row; an unknown one is a group too."""
    bands = pd.cut(rows["age"], [0, 25, 40, 200], right=False, labels=["under_25", "25_to_39", "from_40"])
    slices = {"slice_occupation": rows["occupation"].map(GROUP_OF), "slice_age": bands.astype(object)}
    return pd.DataFrame(slices).fillna("unknown")
