"""Cleans raw rows: reads numbers and categories, and counts each thing that was mended."""

from collections import Counter
from functools import partial
from typing import Any

from service.contract.one_value import Column, Raw, Read, read_each
from service.spec import Spec
from service.tabular.labels import read_classes
from service.tabular.mending import describe_numbers, read_categories, read_number

# What an application can hold; incomes are a month's, loans are in thousands, terms in months.
NUMBERS = {
    **{"dependents": (0, 20), "applicant_income": (0, 1e7), "coapplicant_income": (0, 1e7)},
    **{"loan_amount": (1, 1e5), "loan_term": (1, 720), "credit_history": (0, 1)},
}
ENDINGS = {"dependents": "+", "loan_term": "months"}
CATEGORIES = ("gender", "married", "education", "self_employed", "property_area")
JUNK = ("-", "?", "NA", "N/A", "nan")
DECISIONS = {"y": "eligible", "n": "ineligible"}  # whether the loan was granted


def mend_texts(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Mend the texts; what can't be read is missing, since a guess would hide that from the model."""
    numbers = {
        name: read_each(raw[name], counts, partial(read_amount, bounds=bounds, ending=ENDINGS.get(name)))
        for name, bounds in NUMBERS.items()
    }
    categories = {name: read_categories(raw[name], counts, junk=JUNK) for name in CATEGORIES}
    target = read_classes(raw["loan_status"], counts, spec.data.classes, words=DECISIONS)
    return {**numbers, **categories, "target": target}


def read_amount(text: Any, bounds: tuple[float, float], ending: str | None) -> Read:
    """Read a number without what stands behind it: `3+` is 3, for itself and all above, and `360 months` is 360.

    >>> read_amount("360 months", (1, 720), "months")
    (360.0, ('months behind a number',))
    """
    written = describe_numbers(low=bounds[0], high=bounds[1])
    bare = "" if text is None else str(text).rstrip()
    if ending is None or not bare.endswith(ending):
        return read_number(text, written)
    number, dirt = read_number(bare.removesuffix(ending).rstrip(), written)
    return number, (f"{ending} behind a number", *dirt)
