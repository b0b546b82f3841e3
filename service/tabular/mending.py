"""Reads numbers and categories from dirty text, and counts each kind of dirt under the column's name."""

import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from service.contract.one_value import Column, Read, read_each

STRAYS = " _"  # characters that are left around a number
SPACES = re.compile("[\u00a0\u2009\u202f]")  # that some programs put between thousands, or before a unit
THOUSANDS, UNIT = ",", "$"  # taken off where no others are named


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written, and the bounds that they lie in."""

    low: float | None = None
    high: float | None = None
    decimal: str = "."
    thousands: str | None = None
    unit: str | None = None
    junk: tuple[str, ...] = ()  # what stands for a missing one


describe_numbers = cache(NumberFormat)  # a single row asks for the same ones again and again


def read_numbers(texts: Column, counts: Counter[str], **written: Any) -> Any:
    """Read numbers in one format; what does not fit it, or lies outside of [low, high], is missing and counted.

    `written` are the keys of NumberFormat: `thousands` stands between groups of three digits, `unit` before or behind
    a number. A comma or a $ that nobody named is taken off, too, and counted as a stray.

    >>> read_numbers(pd.Series(["_42_", "-500", "1.200,50"], name="age"), counts := Counter(), low=0).tolist()
    [42.0, nan, nan]
    >>> read_numbers(pd.Series(["1.200,50 €", "7"], name="sum"), counts, decimal=",", thousands=".", unit="€").tolist()
    [1200.5, 7.0]
    """
    return read_each(texts, counts, partial(read_number, written=describe_numbers(**written)))


def read_number(text: Any, written: NumberFormat) -> Read:
    """Read one number, and say what was wrong with its text.

    >>> read_number(" 1,200 $", NumberFormat())
    (1200.0, ('stray characters',))
    """
    pattern, group = _write_pattern(written.decimal, written.thousands)
    if text is None or (written.junk and str(text).strip() in written.junk):
        return math.nan, ("missing",)
    bare, stray = _take_strays(str(text), written.unit)
    if not bare:
        return math.nan, ("missing",)
    stray = stray or (written.thousands is None and group != "" and group in bare)
    number = math.nan
    if pattern.fullmatch(bare):
        number = float((bare.replace(group, "") if group else bare).replace(written.decimal, "."))
    if not math.isfinite(number):
        return math.nan, ("no number",)
    dirt = ("stray characters",) if stray else ()
    if (written.low is not None and number < written.low) or (written.high is not None and number > written.high):
        return math.nan, (*dirt, "out of range")
    return number, dirt


def read_categories(texts: Column, counts: Counter[str], *, junk: Collection[str] = ()) -> Any:
    """Read categories without the spaces around them; `junk` stands for a missing one."""
    return read_each(texts, counts, partial(read_category, junk=frozenset(junk)))


def read_category(text: Any, junk: Collection[str] = ()) -> Read:
    """Read one category, and say what was wrong with its text."""
    bare = "" if text is None else str(text).strip()
    if not bare:
        return None, ("missing",)
    if bare in junk:
        return None, ("no category",)
    return bare, ("stray characters",) if bare != str(text) else ()


def _take_strays(text: str, unit: str | None) -> tuple[str, bool]:
    """Take off what stands around a number; say whether that was more than its unit and spaces."""
    written = (text if text.isascii() else SPACES.sub(" ", text)).strip()
    named = _take_off(written, unit) if unit else written
    bare = named.strip(STRAYS)
    bare = _take_off(bare, UNIT) if unit is None else bare
    return bare, bare != named


def _take_off(text: str, unit: str) -> str:
    """Take a unit off a number that it stands before or behind."""
    return text.removeprefix(unit).removesuffix(unit).strip() if unit in text else text.strip()


@cache
def _write_pattern(decimal: str, thousands: str | None) -> tuple[re.Pattern[str], str]:
    """Write the regular expression of a number; groups have three digits, and what begins with a zero has none."""
    sign = thousands if thousands is not None else THOUSANDS if decimal != THOUSANDS else ""
    if not decimal or decimal == sign:
        raise ValueError(f"the decimal sign {decimal!r} and that of thousands {sign!r} must be two")
    point, group = re.escape(decimal), re.escape(sign)
    grouped = f"|[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+" if sign else ""
    number = f"[+-]?(?:(?:[0-9]+{grouped})(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    return re.compile(number), sign
