"""Cleans raw rows: reads numbers and categories, and counts each thing that was mended."""

from collections import Counter

import pandas as pd

from ineligible_loan.configs._loan import CLASSES
from service.tabular.labels import read_classes
from service.tabular.mending import count_dirt, read_categories, read_numbers

# What an application can hold; incomes are a month's, loans are in thousands, terms in months.
NUMBERS = {
    **{"dependents": (0, 20), "applicant_income": (0, 1e7), "coapplicant_income": (0, 1e7)},
    **{"loan_amount": (1, 1e5), "loan_term": (1, 720), "credit_history": (0, 1)},
}
ENDINGS = {"dependents": "+", "loan_term": "months"}
CATEGORIES = ("gender", "married", "education", "self_employed", "property_area")
JUNK = ("-", "?", "NA", "N/A", "nan")
DECISIONS = {"y": "eligible", "n": "ineligible"}  # whether the loan was granted


def prepare_applications(raw: pd.DataFrame) -> tuple[pd.DataFrame, Counter[str]]:
    """Mend the texts; what can't be read is missing, since a guess would hide that from the model."""
    counts: Counter[str] = Counter()
    texts = raw.assign(**{name: strip_ending(raw[name], ending, counts) for name, ending in ENDINGS.items()})
    numbers = {name: read_numbers(texts[name], counts, low=low, high=high) for name, (low, high) in NUMBERS.items()}
    categories = {name: read_categories(texts[name], counts, junk=JUNK) for name in CATEGORIES}
    target = read_classes(raw["loan_status"], counts, CLASSES, words=DECISIONS)
    kept = raw[["loan_id", "applied_at", "decided_at"]]
    return kept.assign(**numbers, **categories, target=target), counts


def strip_ending(texts: pd.Series, ending: str, counts: Counter[str]) -> pd.Series:
    """Take off what stands behind a number: `3+` is 3, for itself and all above, and `360 months` is 360."""
    bare = texts.astype("str").str.rstrip()
    ends = bare.str.endswith(ending)
    count_dirt(counts, f"{texts.name}: {ending} behind a number", ends)
    return texts.mask(ends, bare.str.removesuffix(ending).str.rstrip())
