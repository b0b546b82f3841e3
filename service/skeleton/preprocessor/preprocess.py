"""Raw rows to model rows."""

from collections import Counter

import pandas as pd

from service.skeleton.preprocessor.data_preparation import mend_rows
from service.skeleton.preprocessor.feature_engineering import derive_columns
from service.spec import Spec


def build_rows(spec: Spec, raw: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make one model row of each raw row; gaps stay gaps, since CatBoost has an answer for each."""
    return mend_rows(spec, raw, counts).join(derive_columns(raw["moment"]))
