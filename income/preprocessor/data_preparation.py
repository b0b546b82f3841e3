"""Raw texts to numbers and categories: impossible values are missing, and each mended value is counted."""

from collections import Counter

from income.configs.adult import BOUNDS, CATEGORIES, WATCHED
from service.contract.one_value import Column, Raw
from service.spec import Spec
from service.tabular.labels import read_target
from service.tabular.mending import read_categories, read_numbers

UNKNOWN = ("?",)  # how Adult writes that somebody didn't say
LABELS = {"<=50k": "low", ">50k": "high"}  # UCI's test file ends them with a dot


def mend_texts(spec: Spec, raw: Raw, counts: Counter[str]) -> dict[str, Column]:
    """Read every column that the model rows need, and the name of the degree beside its number."""
    bounds, texts = BOUNDS.items(), (*CATEGORIES, *WATCHED, "education")
    return {
        **{name: read_numbers(raw[name], counts, low=low, high=high, junk=UNKNOWN) for name, (low, high) in bounds},
        **{name: read_categories(raw[name], counts, junk=UNKNOWN) for name in texts},
        "target": read_target(spec, raw["income"], counts, words=LABELS),
    }
