"""Scores the odds; slices by source."""

import pandas as pd

from service.statistics.scores import score_classes


def score(truth: pd.Series, predicted: pd.DataFrame) -> dict[str, float]:
    return score_classes(truth, predicted)


def slice_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"slice_source": rows["source"].fillna("unknown")}, index=rows.index)
