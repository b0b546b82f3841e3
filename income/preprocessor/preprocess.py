"""Mended rows to model rows."""

from collections import Counter

import pandas as pd

from income.preprocessor.feature_engineering import rank_education
from service.spec import Spec


def build_rows(spec: Spec, mended: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make the model rows; gaps stay gaps, since CatBoost has an answer for each."""
    ranks = rank_education(mended["education"], mended["education_num"], counts)
    return mended.assign(education_num=ranks)[list(spec.data.features.columns)]
