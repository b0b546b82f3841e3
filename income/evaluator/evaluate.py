"""Scores answers, in training and live alike, and parts people into groups on which a model must not get worse."""

import pandas as pd

from income.utils.utils import load_spec_from_config
from service.statistics.scores import score_classes
from service.tabular.models.rules import fit_rules, predict_rules

AGES = {"under_30": 0, "30_to_44": 30, "45_to_59": 45, "from_60": 60}  # each from this age on

# Of the odds of low and high; `loss` is the log loss.
score = score_classes


def naive(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Predict odds by the shares of the classes, and by the best split on one column."""
    return predict_rules(fit_rules(load_spec_from_config("adult"), history), rows)


def slice_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the sex, the race and the age band of each row; a missing one is a group of its own."""
    bands = pd.Series("unknown", index=rows.index)
    for band, low in AGES.items():
        bands = bands.mask(rows["age"] >= low, band)
    groups = {f"slice_{name}": rows[name].fillna("unknown") for name in ("sex", "race")}
    return pd.DataFrame({**groups, "slice_age": bands})
