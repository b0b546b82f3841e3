"""Raw rows to model rows."""

from collections import Counter

from income.preprocessor.data_preparation import mend_texts
from income.preprocessor.feature_engineering import rank_education
from service.contract.one_value import Column, Raw
from service.spec import Spec


def read_rows(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Make the columns of the model rows; gaps stay gaps, since CatBoost has an answer for each."""
    mended = mend_texts(spec, raw, counts)
    names = mended.pop("education")
    return {**mended, "education_num": rank_education(names, mended["education_num"], counts)}
