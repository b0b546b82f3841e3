"""XGBoost boosters and estimators, as UBJSON."""

from typing import Any

from service.tracking.formats.format import Format, is_of

ESTIMATORS = ("XGBClassifier", "XGBRegressor", "XGBRanker", "XGBRFClassifier", "XGBRFRegressor")


def _write(model: Any) -> bytes:
    booster = model if is_of(model, "xgboost", "Booster") else model.get_booster()
    return bytes(booster.save_raw("ubj"))


def _read(content: bytes, kind: str) -> Any:
    import xgboost

    if kind == "Booster":
        return xgboost.Booster({"nthread": 1}, model_file=bytearray(content))
    model = getattr(xgboost, ESTIMATORS[ESTIMATORS.index(kind)])(n_jobs=1)  # the number of threads is not in the file
    model.load_model(bytearray(content))
    return model


FORMAT = Format(
    name="xgboost",
    suffix=".ubj",
    takes=lambda value: is_of(value, "xgboost", "Booster", *ESTIMATORS),
    taken="XGBoost boosters and estimators",
    write=_write,
    read=_read,
    list_modules=lambda _: ("xgboost",),
)
