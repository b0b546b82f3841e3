"""Reads labels from text: a number, or the code of a class."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from service.spec import Spec
from service.tabular.mending import count_dirt, read_categories, read_numbers

Texts: TypeAlias = "pd.Series[Any]"


def read_target(
    spec: Spec, texts: Texts, counts: Counter[str], *, low: float | None = None, high: float | None = None
) -> Texts:
    """Read the target: a number from `low` to `high`, or the code of one of `Data.classes`, however it is written.

    A label that has not come yet is missing, and no dirt. `Not paid` is the class not_paid.
    """
    labels = texts[texts.notna() & (texts.astype("str").str.strip() != "")]
    if spec.data.classes:
        values = read_classes(read_categories(labels, counts), counts, spec.data.classes)
    else:
        values = read_numbers(labels, counts, low=low, high=high)
    return values.reindex(texts.index)


def read_classes(
    texts: Texts, counts: Counter[str], classes: Sequence[str], *, words: Mapping[str, str] | None = None
) -> Texts:
    """Read the code of a class; `words` maps other words, in small letters without spaces, to a class.

    >>> read_classes(pd.Series(["Y", " n.", None]), Counter(), ("granted", "refused"), words={"y": "granted"}).tolist()
    [0.0, nan, nan]
    """
    bare = texts.astype("str").str.strip().str.lower()
    names = bare.str.replace(r"[\W_]+", "_", regex=True).str.strip("_")
    if words:
        names = bare.str.replace(r"\s|\.$", "", regex=True).map(dict(words)).fillna(names)
    codes = names.map({name: float(code) for code, name in enumerate(classes)}).astype(float).where(texts.notna())
    count_dirt(counts, f"{texts.name}: no class", texts.notna() & (bare != "") & codes.isna())
    return codes
