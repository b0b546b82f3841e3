"""A fitted model as a folder: plain values in JSON, each CatBoost in its own safe format, every file hashed.

Nothing in here can hold code: what is neither plain nor CatBoost is refused when it is written, and a file that
the hashes do not name is refused when it is read.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from db_handler.errors import QuartetError

FOLDER = "model"  # holds a model's own files among those that MLflow logs with it
VALUES = "model.json"
MANIFEST = "manifest.json"
CATBOOSTS = ("CatBoostRegressor", "CatBoostClassifier", "CatBoost")


class ModelError(QuartetError):
    """A fitted model holds something that can't be stored."""


class ModelDamagedError(QuartetError):
    """A stored model is not what was logged."""


def write_model(folder: Path, model: Mapping[str, Any]) -> dict[str, str]:
    """Write a model and its manifest; answer with the hash of each file of the model.

    >>> write_model(folder, {"trees": CatBoostRegressor(), "intercept": 0.1})
    {'model.json': '3f0c...', 'trees.cbm': '91aa...'}
    """
    catboosts: dict[str, Any] = {}
    values = _encode(model, "", catboosts)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VALUES).write_text(json.dumps(values, sort_keys=True, allow_nan=False), encoding="utf-8")
    for name, catboost in catboosts.items():
        catboost.save_model(str(folder / name), format="cbm")
    files = {name: _hash((folder / name).read_bytes()) for name in sorted([VALUES, *catboosts])}
    (folder / MANIFEST).write_text(json.dumps(files, indent=1), encoding="utf-8")
    return files


def read_model(folder: Path, files: Mapping[str, str] | None = None, *, name: str = "the model") -> dict[str, Any]:
    """Read a model whose files all match their hashes: those given, or the folder's own manifest."""
    files = files or _read_manifest(folder, name)
    _refuse_unlisted(folder, files, name)
    # What is loaded is the very bytes that were hashed.
    content = {file: _read_verified(folder / file, expected, name) for file, expected in files.items()}
    try:
        model: dict[str, Any] = _decode(json.loads(content[VALUES]), content)
    except (KeyError, ValueError) as error:
        raise ModelDamagedError(f"{name}: {VALUES} can't be read ({error}); train again") from error
    return model


def _encode(value: Any, place: str, catboosts: dict[str, Any]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, float):
        return {"$float": str(float(value))}
    if isinstance(value, list):
        return [_encode(item, f"{place}.{index}", catboosts) for index, item in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: _encode(item, f"{place}.{key}" if place else key, catboosts) for key, item in value.items()}
    if type(value).__name__ in CATBOOSTS and type(value).__module__.startswith("catboost."):
        return {"$catboost": type(value).__name__, "file": _name_catboost(value, place, catboosts)}
    raise ModelError(
        f"the model's {place or 'whole'} is a {type(value).__name__}: a model is a dict of plain values "
        "(text, numbers, lists, dicts with text keys) and CatBoost models"
    )


def _name_catboost(catboost: Any, place: str, catboosts: dict[str, Any]) -> str:
    file = re.sub(r"[^A-Za-z0-9._-]", "_", place) + ".cbm"
    if file in catboosts:
        raise ModelError(f"the model's {place} has the same file name as another one, {file}: rename its key")
    catboosts[file] = catboost
    return file


def _decode(value: Any, content: Mapping[str, bytes]) -> Any:
    if isinstance(value, list):
        return [_decode(item, content) for item in value]
    if not isinstance(value, dict):
        return value
    if "$float" in value:
        return float(value["$float"])
    if "$catboost" in value:
        import catboost

        if value["$catboost"] not in CATBOOSTS:
            raise ValueError(f"{value['$catboost']} is no kind of CatBoost")
        return getattr(catboost, value["$catboost"])().load_model(blob=content[value["file"]])
    return {key: _decode(item, content) for key, item in value.items()}


def _read_manifest(folder: Path, name: str) -> dict[str, str]:
    try:
        files: dict[str, str] = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise ModelDamagedError(f"{name}: {MANIFEST} can't be read ({error}); train again") from error
    return files


def _refuse_unlisted(folder: Path, files: Mapping[str, str], name: str) -> None:
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder).as_posix()
        if file not in {*files, MANIFEST} or path.is_symlink() or not path.is_file():
            raise ModelDamagedError(f"{name}: {file} is none of the files that were logged; nothing of it was loaded")


def _read_verified(path: Path, expected: str, name: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelDamagedError(f"{name}: {path.name} can't be read ({error.strerror}); nothing was loaded") from error
    if _hash(content) != expected:
        raise ModelDamagedError(f"{name}: {path.name} is not what was logged (its hash differs); nothing was loaded")
    return content


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
