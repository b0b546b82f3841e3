"""Estimators and pipelines of scikit-learn, and LightGBM's estimators, by skops.

skops trusts classes by their full names. The list is fixed: a trusted prefix would let functions in that run code.
"""

from typing import Any
from zipfile import ZIP_DEFLATED

from service.tracking.formats.format import Format, is_of

OF_LIGHTGBM = (
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRanker",
    "lightgbm.sklearn.LGBMRegressor",
)
TRUSTED = (
    *OF_LIGHTGBM,
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
)


def _takes(value: Any) -> bool:
    return is_of(value, "sklearn") or (is_of(value, "lightgbm") and type(value).__name__.startswith("LGBM"))


def _write(model: Any) -> bytes:
    from skops.io import dumps

    content: bytes = dumps(model, compression=ZIP_DEFLATED)  # most of it is a description in JSON
    unknown = sorted(set(_list_types(content)) - set(TRUSTED))
    if unknown:
        raise ValueError(f"it holds {', '.join(unknown)}, which a stored model may not")
    return content


def _read(content: bytes, _: str) -> Any:
    from skops.io import loads

    return loads(content, trusted=list(TRUSTED))


def _list_types(content: bytes) -> list[str]:
    from skops.io import get_untrusted_types

    return [str(name) for name in get_untrusted_types(data=content)]


def _list_modules(content: bytes) -> tuple[str, ...]:
    holds_lightgbm = any(name.startswith("lightgbm.") for name in _list_types(content))
    return ("sklearn", "skops", *(["lightgbm"] if holds_lightgbm else []))


FORMAT = Format(
    name="scikit-learn",
    suffix=".skops",
    takes=_takes,
    taken="estimators and pipelines of scikit-learn and LightGBM",
    write=_write,
    read=_read,
    list_modules=_list_modules,
    same_minor=True,
)
