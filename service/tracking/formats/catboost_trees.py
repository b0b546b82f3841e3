"""CatBoost models, in CatBoost's own format."""

import tempfile
from pathlib import Path
from typing import Any

from service.tracking.formats.format import Format, is_of

CLASSES = ("CatBoostRegressor", "CatBoostClassifier", "CatBoostRanker", "CatBoost")


def _write(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:  # CatBoost writes to paths only
        path = Path(folder) / "model.cbm"
        model.save_model(str(path), format="cbm")
        return path.read_bytes()


def _read(content: bytes, kind: str) -> Any:
    import catboost

    return getattr(catboost, CLASSES[CLASSES.index(kind)])().load_model(blob=content)


FORMAT = Format(
    name="catboost",
    suffix=".cbm",
    takes=lambda value: is_of(value, "catboost", *CLASSES),
    taken="CatBoost models",
    write=_write,
    read=_read,
    list_modules=lambda _: ("catboost",),
)
