"""A fitted model as a folder: plain values in JSON, objects of libraries in files of safe formats, every file hashed.

Nothing in here can hold code: what no format takes is refused when it is written, and a file that the hashes do
not name is refused when it is read.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db_handler.errors import QuartetError
from service.tracking.formats.all_formats import TAKEN, find_format, name_format
from service.tracking.formats.hidden_pickle import hides_pickle
from service.tracking.libraries import explain_unfit, read_versions
from service.tracking.tracking_error import first_line

FOLDER = "model"  # holds a model's own files among those that MLflow logs with it
VALUES = "model.json"
MANIFEST = "manifest.json"


class ModelError(QuartetError):
    """A fitted model holds something that can't be stored."""


class ModelDamagedError(QuartetError):
    """A stored model is not what was logged, or can't be read here."""


def write_model(folder: Path, model: Mapping[str, Any]) -> dict[str, str]:
    """Write a model and its manifest; answer with the hash of each file of the model.

    >>> write_model(folder, {"trees": CatBoostRegressor(), "intercept": 0.1})
    {'model.json': '3f0c...', 'trees.cbm': '91aa...'}
    """
    draft = _Draft()
    values = draft.encode(model, "")
    described = {"model": values, "libraries": read_versions(draft.modules), "same_minor": sorted(draft.same_minor)}
    content = {VALUES: json.dumps(described, allow_nan=False).encode(), **draft.content}
    folder.mkdir(parents=True, exist_ok=True)
    for name, written in content.items():
        (folder / name).write_bytes(written)
    files = {name: _hash(content[name]) for name in sorted(content)}
    (folder / MANIFEST).write_text(json.dumps(files, indent=1), encoding="utf-8")
    return files


def read_model(folder: Path, files: Mapping[str, str] | None = None, *, name: str = "the model") -> dict[str, Any]:
    """Read a model whose files all match their hashes: those given, or the folder's own manifest."""
    files = files or _read_manifest(folder, name)
    _refuse_unlisted(folder, files, name)
    # What is loaded is the very bytes that were hashed.
    content = {file: _read_verified(folder / file, expected, name) for file, expected in files.items()}
    described = _read_described(content, name)
    unfit = explain_unfit(described["libraries"], described["same_minor"])
    if unfit:
        raise ModelDamagedError(f"{name}: {unfit}, or train again")
    model: dict[str, Any] = _decode(described["model"], content, name)
    return model


def read_libraries(folder: Path) -> dict[str, str]:
    """Read which versions of which modules wrote the files of a model."""
    libraries: dict[str, str] = json.loads((folder / VALUES).read_bytes())["libraries"]
    return libraries


@dataclass
class _Draft:
    """What is gathered while a model is taken apart."""

    content: dict[str, bytes] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    same_minor: set[str] = field(default_factory=set)

    def encode(self, value: Any, place: str) -> Any:
        """Say a value in JSON; an object of a library becomes a file, and the place of it."""
        if isinstance(value, str) and hides_pickle(value):
            raise ModelError(f"the model's {place} is a text that hides a pickle: keep the object itself")
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            return int(value) if isinstance(value, int) else float(value)
        if isinstance(value, float):
            return {"$float": str(float(value))}
        if isinstance(value, list):
            return [self.encode(item, f"{place}.{index}") for index, item in enumerate(value)]
        if (kept := self._keep(value, place)) is not None:
            return kept
        if isinstance(value, Mapping) and all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: self.encode(item, f"{place}.{key}" if place else key) for key, item in value.items()}
        raise ModelError(f"the model's {place or 'whole'} is a {_name_type(value)}: a model is a dict of {TAKEN}")

    def _keep(self, value: Any, place: str) -> dict[str, str] | None:
        """Keep an object of a library as a file, if a format takes it and can read it back."""
        chosen = find_format(value) if place else None
        if chosen is None:
            return None
        kind, file = type(value).__name__, re.sub(r"[^A-Za-z0-9._-]", "_", place) + chosen.suffix
        if file in self.content:
            raise ModelError(f"the model's {place} has the same file name as another one, {file}: rename its key")
        try:
            self.content[file] = chosen.write(value)
            chosen.read(self.content[file], kind)
        except Exception as error:  # whatever a library may say of what it can't keep
            raise ModelError(
                f"the model's {place}, a {_name_type(value)}, can't be kept ({first_line(error)}); "
                f"a model is a dict of {TAKEN}"
            ) from error
        modules = chosen.list_modules(self.content[file])
        self.modules.update(modules)
        self.same_minor.update(modules if chosen.same_minor else ())
        return {"$format": chosen.name, "class": kind, "file": file}


def _decode(value: Any, content: Mapping[str, bytes], name: str) -> Any:
    if isinstance(value, list):
        return [_decode(item, content, name) for item in value]
    if not isinstance(value, dict):
        return value
    if "$float" in value:
        return float(value["$float"])
    if "$format" not in value:
        return {key: _decode(item, content, name) for key, item in value.items()}
    try:
        return name_format(value["$format"]).read(content[value["file"]], value["class"])
    except Exception as error:  # whatever a library may say of a file
        raise ModelDamagedError(
            f"{name}: {value.get('file')} can't be read ({first_line(error)}); train again"
        ) from error


def _read_described(content: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(content[VALUES])
        described["model"], described["libraries"], described["same_minor"]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelDamagedError(f"{name}: {VALUES} can't be read ({error}); train again") from error
    return described


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


def _name_type(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
