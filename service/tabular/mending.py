"""Reads numbers and categories from dirty text, and counts each kind of dirt under the column's name."""

import re
from collections import Counter
from collections.abc import Collection
from typing import Any, TypeAlias

import pandas as pd

STRAYS = " _"  # characters that are left around a number
SPACES = "[\u00a0\u2009\u202f]"  # that some programs put between thousands, or before a unit
THOUSANDS, UNIT = ",", "$"  # taken off where no others are named
Texts: TypeAlias = "pd.Series[Any]"


def read_numbers(
    texts: Texts,
    counts: Counter[str],
    *,
    low: float | None = None,
    high: float | None = None,
    decimal: str = ".",
    thousands: str | None = None,
    unit: str | None = None,
) -> Texts:
    """Read numbers in one format; what does not fit it, or lies outside of [low, high], is missing and counted.

    `thousands` stands between groups of three digits, `unit` before or behind a number. A comma or a $ that nobody
    named is taken off, too, and counted as a stray.

    >>> read_numbers(pd.Series(["_42_", "-500", "1.200,50"], name="age"), counts := Counter(), low=0).tolist()
    [42.0, nan, nan]
    >>> read_numbers(pd.Series(["1.200,50 €", "7"], name="sum"), counts, decimal=",", thousands=".", unit="€").tolist()
    [1200.5, 7.0]
    """
    written = texts.astype("str").str.replace(SPACES, " ", regex=True).str.strip()
    named = _take_off(written, unit) if unit else written
    bare = named.str.strip(STRAYS)
    bare = _take_off(bare, UNIT) if unit is None else bare
    group = thousands if thousands is not None else THOUSANDS if decimal != THOUSANDS else ""
    fitting = bare.str.fullmatch(_write_pattern(decimal, group)) & texts.notna()
    plain = bare.str.replace(group, "", regex=False) if group else bare
    plain = plain.str.replace(decimal, ".", regex=False)
    numbers = pd.to_numeric(plain.where(fitting), errors="coerce").astype(float)
    numbers = numbers.where(numbers.abs() < float("inf"))
    missing = texts.isna() | (bare == "")
    stray = (bare != named) | (bare.str.contains(group, regex=False) if group and thousands is None else False)
    outside = numbers.notna() & (numbers.clip(low, high) != numbers)
    count_dirt(counts, f"{texts.name}: missing", missing)
    count_dirt(counts, f"{texts.name}: no number", ~missing & numbers.isna())
    count_dirt(counts, f"{texts.name}: stray characters", numbers.notna() & stray)
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


def _take_off(texts: Texts, unit: str) -> Texts:
    """Take a unit off the numbers that it stands before or behind."""
    return texts.str.removeprefix(unit).str.removesuffix(unit).str.strip()


def _write_pattern(decimal: str, thousands: str) -> str:
    """Write the regular expression of a number; groups have three digits, and what begins with a zero has none."""
    if not decimal or decimal == thousands:
        raise ValueError(f"the decimal sign {decimal!r} and that of thousands {thousands!r} must be two")
    point, group = re.escape(decimal), re.escape(thousands)
    grouped = f"|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+" if thousands else ""
    return f"[+-]?(?:(?:[0-9]+{grouped})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
