"""Raw rows to model rows."""

from collections import Counter

import pandas as pd

from income.preprocessor.data_preparation import mend_rows
from income.preprocessor.feature_engineering import rank_education
from service.spec import Spec


def read_rows(spec: Spec, raw: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make one model row of each raw row."""
    return build_rows(mend_rows(spec, raw, counts), counts)


def build_rows(mended: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make the model rows; gaps stay gaps, since CatBoost has an answer for each."""
    ranks = rank_education(mended["education"], mended["education_num"], counts)
    return mended.assign(education_num=ranks).drop(columns="education")
