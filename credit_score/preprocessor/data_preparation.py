"""Mends the texts of the source tables: numbers within their bounds, categories, durations, lists; all dirt counted."""

from collections import Counter

import pandas as pd

from service.spec import Spec
from service.tabular.mending import count_dirt, read_categories, read_numbers

JUNK = ("_______", "_", "!@9#%8", "NM", "NA")
HISTORY = r"(?i)^\s*(\d+)\s+years?\s+and\s+(\d+)\s+months?\s*$"
NOT_A_KIND = ("", "Not Specified")


def mend_texts(spec: Spec, rows: pd.DataFrame) -> tuple[pd.DataFrame, Counter[str]]:
    """Read every column, and count by kind the values that were mended or are missing."""
    dirt: Counter[str] = Counter()
    bounds = spec.features.bounds
    numbers = {name: read_numbers(rows[name], dirt, low=low, high=high) for name, (low, high) in bounds.items()}
    categories = {name: read_categories(rows[name], dirt, junk=JUNK) for name in spec.features.categories}
    further = {
        "credit_history_months": read_history(rows["credit_history_age"], dirt),
        "loan_kinds": count_kinds(rows["type_of_loan"], dirt),
        "score": read_score(rows["score"], dirt, spec.data.classes),
    }
    kept = rows[[*spec.data.features.key, "extract_date", "moment", "label_at"]]
    return kept.assign(**numbers, **categories, **further), dirt


def read_history(texts: pd.Series, dirt: Counter[str]) -> pd.Series:
    """Read "10 Years and 9 Months" as 129.

    >>> read_history(pd.Series(["10 Years and 9 Months"]), Counter()).tolist()
    [129.0]
    """
    parts = texts.str.extract(HISTORY).astype(float)
    months = 12 * parts[0] + parts[1]
    count_dirt(dirt, "credit_history_age: no duration", texts.notna() & months.isna())
    return months


def count_kinds(texts: pd.Series, dirt: Counter[str]) -> pd.Series:
    """Count the different kinds in a list like "Auto Loan, Auto Loan, and Payday Loan": here two."""
    kinds = texts.fillna("").str.replace(r"\band\s+", "", regex=True).str.split(r"\s*,\s*", regex=True)
    count_dirt(dirt, "type_of_loan: a kind not specified", kinds.map(lambda names: "Not Specified" in names))
    return kinds.map(lambda names: float(len(set(names) - set(NOT_A_KIND))))


def read_score(texts: pd.Series, dirt: Counter[str], classes: tuple[str, ...]) -> pd.Series:
    """Read a score as one of the classes, however it is capitalised."""
    scores = texts.str.strip().str.lower()
    named = scores.isin(classes)
    count_dirt(dirt, "score: no class", texts.notna() & ~named)
    return scores.where(named)
