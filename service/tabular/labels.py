"""Reads labels from text: a number, or the code of a class."""

import logging
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from service.contract.one_value import Column, Read, read_each
from service.spec import Spec
from service.tabular.mending import describe_numbers, read_category, read_number

log = logging.getLogger(__name__)
NAMED, LONGEST = 5, 40  # words of labels in a sentence, and letters of a word
BLANK, BETWEEN_WORDS = re.compile(r"\s|\.$"), re.compile(r"[\W_]+")
Texts: TypeAlias = "pd.Series[Any]"


def read_target(
    spec: Spec, texts: Column, counts: Counter[str], *, words: Mapping[str, str] | None = None, **written: Any
) -> Any:
    """Read the target: a number as `read_numbers` does, or the code of one of `Data.classes`, however it is written.

    A label that has not come yet is missing, and no dirt. `Not paid` is the class not_paid; other words for a class
    stand in `words`, as `read_classes` has them.
    """
    number, classes = describe_numbers(**written), spec.data.classes

    def read(text: Any) -> Read:
        if text is None or not str(text).strip():
            return math.nan, ()
        if not classes:
            return read_number(text, number)
        bare, dirt = read_category(text)
        code, further = read_class(bare, classes, words or {})
        return code, (*dirt, *further)

    return read_each(texts, counts, read)


def read_classes(
    texts: Column, counts: Counter[str], classes: Sequence[str], *, words: Mapping[str, str] | None = None
) -> Any:
    """Read the code of a class; `words` maps other words, in small letters without spaces, to a class.

    >>> read_classes(pd.Series(["Y", " n.", None]), Counter(), ("granted", "refused"), words={"y": "granted"}).tolist()
    [0.0, nan, nan]
    """
    return read_each(texts, counts, lambda text: read_class(text, classes, words or {}))


def read_class(text: Any, classes: Sequence[str], words: Mapping[str, str]) -> Read:
    """Read the code of one class."""
    bare = "" if text is None else str(text).strip().lower()
    if not bare:
        return math.nan, ()
    name = words.get(BLANK.sub("", bare)) or BETWEEN_WORDS.sub("_", bare).strip("_")
    return (float(classes.index(name)), ()) if name in classes else (math.nan, ("no class",))


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
