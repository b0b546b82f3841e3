"""Reads numbers and categories from dirty text, and counts each kind of dirt under the column's name."""

from collections import Counter
from collections.abc import Collection
from typing import Any, TypeAlias

import pandas as pd

STRAYS = r"[\s_,$%]+"  # characters that are left around a number
Texts: TypeAlias = "pd.Series[Any]"


def read_numbers(texts: Texts, counts: Counter[str], *, low: float | None = None, high: float | None = None) -> Texts:
    """Read numbers without the strays around them; what is no number or outside of [low, high] is missing.

    >>> read_numbers(pd.Series(["_42_", "-500", "x"], name="age"), counts := Counter(), low=0).tolist()
    [42.0, nan, nan]
    """
    bare = texts.astype("str").str.replace(STRAYS, "", regex=True)
    written = texts.notna() & (bare != "")
    numbers = pd.to_numeric(bare.where(written), errors="coerce").astype(float)
    numbers = numbers.where(numbers.abs() < float("inf"))
    count_dirt(counts, f"{texts.name}: missing", ~written)
    count_dirt(counts, f"{texts.name}: no number", written & numbers.isna())
    count_dirt(counts, f"{texts.name}: stray characters", numbers.notna() & (bare != texts.astype("str").str.strip()))
    outside = numbers.notna() & (numbers.clip(low, high) != numbers)
    count_dirt(counts, f"{texts.name}: out of range", outside)
    return numbers.mask(outside)


def read_categories(texts: Texts, counts: Counter[str], *, junk: Collection[str] = ()) -> Texts:
    """Read categories without the spaces around them; `junk` stands for a missing one."""
    bare = texts.astype("str").str.strip()
    written = texts.notna() & (bare != "")
    no_category = written & bare.isin(list(junk))
    count_dirt(counts, f"{texts.name}: missing", ~written)
    count_dirt(counts, f"{texts.name}: no category", no_category)
    count_dirt(counts, f"{texts.name}: stray characters", written & ~no_category & (bare != texts.astype("str")))
    return bare.astype(object).where(written & ~no_category, None)


def count_dirt(counts: Counter[str], kind: str, dirty: "pd.Series[bool]") -> None:
    """Count the dirty rows of one kind, which is named by its column and the fault."""
    if dirty.any():
        counts[kind] += int(dirty.sum())
