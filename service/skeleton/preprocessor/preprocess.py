"""Raw rows to model rows."""

from collections import Counter

from service.contract.one_value import Column, Raw, each
from service.skeleton.preprocessor.data_preparation import mend_texts
from service.skeleton.preprocessor.feature_engineering import name_weekday, number_month
from service.spec import Spec


def read_rows(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Make the columns of the model rows; gaps stay gaps, since CatBoost has an answer for each."""
    mended, moments = mend_texts(spec, raw, counts), raw["moment"]
    return {**mended, "weekday": each(name_weekday, moments), "month": each(number_month, moments)}
