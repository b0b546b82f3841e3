"""All formats: a new one is a module and a line here."""

from typing import Any

from service.tracking.formats import (
    array,
    catboost_trees,
    lightgbm_booster,
    onnx_graph,
    scikit_learn,
    tensors,
    xgboost_trees,
)
from service.tracking.formats.format import Format

FORMATS = (
    catboost_trees.FORMAT,
    scikit_learn.FORMAT,
    lightgbm_booster.FORMAT,
    xgboost_trees.FORMAT,
    onnx_graph.FORMAT,
    tensors.FORMAT,
    array.FORMAT,
)
TAKEN = "; ".join(["plain values (text, numbers, lists, dicts with text keys)", *(each.taken for each in FORMATS)])


def find_format(value: Any) -> Format | None:
    """Find the format that takes a value."""
    return next((each for each in FORMATS if each.takes(value)), None)


def name_format(name: str) -> Format:
    """Find the format of a name."""
    return {each.name: each for each in FORMATS}[name]
