"""Mends the texts of the source tables: numbers within their bounds, categories, durations, lists; all dirt counted."""

import re
from collections import Counter
from math import nan
from typing import Any

from service.contract.one_value import Column, Raw, Read, read_each
from service.spec import Spec
from service.tabular.labels import read_classes
from service.tabular.mending import read_categories, read_numbers

JUNK = ("_______", "_", "!@9#%8", "NM", "NA")
HISTORY = re.compile(r"(?i)\s*(\d+)\s+years?\s+and\s+(\d+)\s+months?\s*")
AND, BETWEEN = re.compile(r"\band\s+"), re.compile(r"\s*,\s*")
UNSPECIFIED = "Not Specified"


def mend_texts(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Read every column, and count by kind the values that were mended or are missing."""
    bounds = spec.features.bounds.items()
    return {
        **{name: read_numbers(raw[name], counts, low=low, high=high) for name, (low, high) in bounds},
        **{name: read_categories(raw[name], counts, junk=JUNK) for name in spec.features.categories},
        "credit_history_months": read_each(raw["credit_history_age"], counts, read_history),
        "loan_kinds": read_each(raw["type_of_loan"], counts, count_kinds),
        "target": read_classes(raw["score"], counts, spec.data.classes),
    }


def read_history(text: Any) -> Read:
    """Read a duration as months.

    >>> read_history("10 Years and 9 Months")
    (129.0, ())
    """
    parts = None if text is None else HISTORY.fullmatch(str(text))
    if parts:
        return 12.0 * float(parts[1]) + float(parts[2]), ()
    return nan, () if text is None else ("no duration",)


def count_kinds(text: Any) -> Read:
    """Count the different kinds in a list.

    >>> count_kinds("Auto Loan, Auto Loan, and Payday Loan")
    (2.0, ())
    """
    kinds = set() if text is None else set(BETWEEN.split(AND.sub("", str(text))))
    return float(len(kinds - {"", UNSPECIFIED})), ("a kind not specified",) if UNSPECIFIED in kinds else ()
