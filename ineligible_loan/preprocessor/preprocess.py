"""Makes model rows of clean ones: bounds outliers and derives columns."""

from collections import Counter

import pandas as pd

from ineligible_loan.preprocessor.data_preparation import prepare_applications
from ineligible_loan.preprocessor.feature_engineering import derive_columns
from service.spec import Spec

MOST_DEPENDENTS = 3  # files differ in whether they count on: 3 means three or more


def make_rows(spec: Spec, raw: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Make one model row of each application, its texts mended and counted."""
    clean, mended = prepare_applications(raw)
    counts.update(mended)
    return build_rows(spec, clean)


def build_rows(spec: Spec, clean: pd.DataFrame) -> pd.DataFrame:
    """Build the model row of each application, gaps and all: that something was left out says something too."""
    capped = clean.assign(dependents=clean["dependents"].clip(upper=MOST_DEPENDENTS))
    return capped.assign(**derive_columns(capped))[list(spec.data.features.columns)]
