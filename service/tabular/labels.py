"""Labels out of text: a number, or the code of a class."""

from collections import Counter
from typing import Any, TypeAlias

import pandas as pd

from service.spec import Spec
from service.tabular.mending import read_categories, read_numbers

Texts: TypeAlias = "pd.Series[Any]"


def read_target(
    spec: Spec, texts: Texts, counts: Counter[str], *, low: float | None = None, high: float | None = None
) -> Texts:
    """Read the target: a number from `low` to `high`, or the code of one of `Data.classes`, however it is written.

    A label that is not there yet is missing, and no dirt. `Not paid` is the class not_paid.
    """
    known = texts[texts.notna() & (texts.astype("str").str.strip() != "")]
    if not spec.data.classes:
        return read_numbers(known, counts, low=low, high=high).reindex(texts.index)
    said = read_categories(known, counts).astype("str").str.lower().str.replace(r"[\W_]+", "_", regex=True)
    codes = said.str.strip("_").map({name: float(code) for code, name in enumerate(spec.data.classes)}).astype(float)
    unread = int(codes.isna().sum())
    if unread:
        counts[f"{texts.name}: no class"] += unread
    return codes.reindex(texts.index)
