"""Find the mistakes in the classes of a config file; each is one sentence with file, class and key."""

import difflib
import inspect
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from db_handler.errors import UsageError
from service.contract.projects import name_file
from service.spec import Section, Spec
from service.spec.sections import SECTIONS

NOT_A_KEY = re.compile(r"__\w+__|_abc_impl|model_config")


def check_class(cls: type, module: ModuleType) -> None:
    """Refuse a class whose keys nobody would read."""
    where = f"{name_file(module.__name__)}, class {cls.__name__}"
    nearest = find_nearest(cls.__name__, SECTIONS)
    if cls.__name__ not in SECTIONS and nearest:
        raise UsageError(f"{where}: there is no section of that name, did you mean {nearest}?")
    if not issubclass(cls, Section):
        raise UsageError(
            f"{where}: it subclasses no class of service.spec and its keys would be lost; let it subclass one"
        )
    if cls.__name__ not in SECTIONS and hasattr(Spec, cls.__name__.lower()):
        raise UsageError(f"{where}: a spec has something else of that name; call the class differently")


def build_section(section: type[Section], module: ModuleType) -> Section:
    """Check the keys of a class and of those it comes from, then their values."""
    for cls in (base for base in section.__mro__ if issubclass(base, Section) and base is not Section):
        _check_keys(cls, in_config=cls.__module__ == module.__name__)
    try:
        return section()
    except ValidationError as error:
        raise UsageError(_explain(error, section, module)) from error


def _check_keys(cls: type[Section], *, in_config: bool) -> None:
    parents = [base for base in cls.__mro__[1:] if issubclass(base, Section)]
    declared = {key: field for base in reversed(parents) for key, field in base.model_fields.items()}
    allowed = declared.keys() if in_config else cls.model_fields.keys() | cls.__class_vars__
    where = f"{name_file(cls.__module__)}, class {cls.__name__}"
    for key in [*inspect.get_annotations(cls), *_list_plain_keys(cls, in_config=in_config)]:
        if key not in allowed:
            raise UsageError(f"{where}: unknown key {key}, {suggest(key, allowed, 'the class has no such key')}")
        if in_config and cls.model_fields[key].rebuild_annotation() != declared[key].rebuild_annotation():
            raise UsageError(f"{where}, key {key}: its type is declared already; write `{key} = ...`")


def _list_plain_keys(cls: type[Section], *, in_config: bool) -> list[str]:
    given = {key: value for key, value in vars(cls).items() if not NOT_A_KEY.fullmatch(key)}
    return [key for key, value in given.items() if in_config or not (callable(value) or hasattr(value, "__get__"))]


def _explain(error: ValidationError, section: type[Section], module: ModuleType) -> str:
    first, *others = error.errors(include_url=False)
    if section is SECTIONS.get(section.__name__):
        return f"{name_file(module.__name__)}: class {section.__name__} is missing; it must set {first['loc'][0]}"
    where = f"{name_file(section.__module__)}, class {section.__name__}"
    if first["loc"]:
        where += f", key {'.'.join(str(part) for part in first['loc'])}"
    value = "" if first["type"] == "missing" or not first["loc"] else f", not {cut(first['input'])}"
    more = f" (and {len(others)} more)" if others else ""
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message[:1].lower()}{message[1:]}{value}{more}"


def suggest(word: str, words: Iterable[str], otherwise: str) -> str:
    """Ask for the nearest valid name, if one is near."""
    nearest = find_nearest(word, words)
    return f"did you mean {nearest}?" if nearest else otherwise


def find_nearest(word: str, words: Iterable[str]) -> str | None:
    by_lower = {valid.lower(): valid for valid in words}
    matches = difflib.get_close_matches(word[:100].lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def cut(value: Any) -> str:
    """Show a value in a sentence, however long it is."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
