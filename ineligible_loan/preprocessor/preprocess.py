"""Makes model rows of raw ones: texts mended, columns derived."""

from collections import Counter

from ineligible_loan.preprocessor.data_preparation import mend_texts
from ineligible_loan.preprocessor.feature_engineering import derive_columns
from service.contract.one_value import Column, Raw
from service.spec import Spec


def read_rows(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Make the columns of the model rows, gaps and all: that something was left out says something too."""
    clean = mend_texts(spec, raw, counts)
    return {**clean, **derive_columns(clean)}
