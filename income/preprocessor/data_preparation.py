"""Raw texts to numbers and categories: impossible values are missing, and each mended value is counted."""

from collections import Counter

import pandas as pd

from income.configs.adult import BOUNDS, CATEGORIES, WATCHED
from service.spec import Spec
from service.tabular.labels import read_classes
from service.tabular.mending import read_categories, read_numbers

UNKNOWN = ("?",)  # how Adult writes that somebody didn't say
LABELS = {"<=50k": "low", ">50k": "high"}


def mend_rows(spec: Spec, raw: pd.DataFrame, counts: Counter[str]) -> pd.DataFrame:
    """Read every column that the model rows need, and the name of the degree beside its number."""
    known = raw[list(BOUNDS)].apply(lambda texts: texts.mask(texts.astype("str").str.strip().isin(UNKNOWN), None))
    numbers = {name: read_numbers(known[name], counts, low=low, high=high) for name, (low, high) in BOUNDS.items()}
    texts = {name: read_categories(raw[name], counts, junk=UNKNOWN) for name in (*CATEGORIES, *WATCHED, "education")}
    moments = {name: pd.to_datetime(raw[name], utc=True) for name in ("requested_at", "known_at", "loaded_at")}
    target = read_labels(raw["income"], spec.data.classes, counts)
    return pd.DataFrame({"id": raw["id"], **moments, **numbers, **texts, "target": target})


def read_labels(texts: pd.Series, classes: tuple[str, ...], counts: Counter[str]) -> pd.Series:
    """Read classes as codes, however they are spaced; UCI's test file ends them with a dot.

    >>> read_labels(pd.Series([">50K.", " <=50K", "rich", None]), ("low", "high"), Counter()).tolist()
    [1.0, 0.0, nan, nan]
    """
    return read_classes(texts.rename("income"), counts, classes, words=LABELS)
