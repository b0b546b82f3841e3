"""Raw texts to numbers and categories: impossible values are missing, and each mended value is counted."""

from collections import Counter

from service.contract.one_value import Column, Raw
from service.spec import Spec
from service.tabular.labels import read_target
from service.tabular.mending import read_categories, read_numbers


def mend_texts(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Read each column that the model rows need; `raw` holds them as text, as they came."""
    # FILL IN 3/5: what each number may be, and which words stand for a missing category.
    return {
        "product": read_categories(raw["product"], counts, junk=("?", "unknown")),
        "promotion": read_categories(raw["promotion"], counts),
        "price": read_numbers(raw["price"], counts, low=0, high=1000),
        "temperature": read_numbers(raw["temperature"], counts, low=-60, high=60),
        "target": read_target(spec, raw["units"], counts, low=0),
    }
