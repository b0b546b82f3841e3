"""Scores the odds; slices by source."""

import pandas as pd

from service.spec.load_spec import load_spec
from service.statistics.scores import score_classes
from service.tabular.models.rules import fit_rules, predict_rules


def score(truth: pd.Series, predicted: pd.DataFrame) -> dict[str, float]:
    return score_classes(truth, predicted)


def naive(history: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return predict_rules(fit_rules(load_spec("visits", "shop"), history), rows)


def slice_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"slice_source": rows["source"].fillna("unknown")}, index=rows.index)
