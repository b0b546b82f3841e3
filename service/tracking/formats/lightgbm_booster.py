"""LightGBM boosters, as LightGBM's own text; its estimators go with those of scikit-learn."""

from typing import Any

from service.tracking.formats.format import Format, is_of


def _read(content: bytes, _: str) -> Any:
    from lightgbm import Booster

    return Booster(model_str=content.decode())


FORMAT = Format(
    name="lightgbm",
    suffix=".lightgbm.txt",
    takes=lambda value: is_of(value, "lightgbm", "Booster"),
    taken="LightGBM boosters",
    write=lambda booster: booster.model_to_string().encode(),
    read=_read,
    list_modules=lambda _: ("lightgbm",),
)
