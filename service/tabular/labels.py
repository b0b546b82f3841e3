"""Reads labels from text: a number, or the code of a class."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict, Unpack

import pandas as pd

from service.spec import Spec
from service.tabular.mending import count_dirt, read_categories, read_numbers

log = logging.getLogger(__name__)
NAMED, LONGEST = 5, 40  # words of labels in a sentence, and letters of a word
Texts: TypeAlias = "pd.Series[Any]"


class NumberFormat(TypedDict, total=False):
    """What `read_numbers` may be told of a number."""

    low: float | None
    high: float | None
    decimal: str
    thousands: str | None
    unit: str | None


def read_target(
    spec: Spec,
    texts: Texts,
    counts: Counter[str],
    *,
    words: Mapping[str, str] | None = None,
    **numbers: Unpack[NumberFormat],
) -> Texts:
    """Read the target: a number as `read_numbers` does, or the code of one of `Data.classes`, however it is written.

    A label that has not come yet is missing, and no dirt. `Not paid` is the class not_paid; other words for a class
    stand in `words`, as `read_classes` has them.
    """
    labels = texts[texts.notna() & (texts.astype("str").str.strip() != "")]
    if spec.data.classes:
        values = read_classes(read_categories(labels, counts), counts, spec.data.classes, words=words)
    else:
        values = read_numbers(labels, counts, **numbers)
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


def name_unread(spec: Spec, raw: pd.DataFrame, targets: Texts, counts: Counter[str]) -> dict[str, int]:
    """Count the words of raw labels for which the model rows have no class, whichever code read them, and log them.

    `targets` are those of the raw rows, in their order.
    """
    named: dict[str, int] = {}
    for column in _list_labels(spec) if spec.data.classes else ():
        texts = raw[column].astype("str").str.strip()
        unread = texts[raw[column].notna().to_numpy() & (texts != "").to_numpy() & targets.isna().to_numpy()]
        if unread.empty:
            continue
        words = {str(word)[:LONGEST]: int(rows) for word, rows in unread.value_counts().head(NAMED).items()}
        counts[f"{column}: no class"] = len(unread)
        shown = ", ".join(f"{word!r} ({rows})" for word, rows in words.items())
        log.warning("%s: %d labels are none of the classes %s: %s", spec.unit, len(unread), spec.data.classes, shown)
        named |= words
    return named


def _list_labels(spec: Spec) -> list[str]:
    """List the columns of the raw table that hold a label as it came."""
    sources = spec.data.sources
    places = [place for name in sources.label for place in sources.places_of(name)] if sources else []
    return [column for column in dict.fromkeys(column for _, column in places) if column in spec.data.raw.columns]
