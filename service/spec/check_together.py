"""Find the mistakes between the sections of a config: a name in one that another does not have."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain

from db_handler.errors import UsageError
from service.contract.projects import name_file
from service.spec.check_spec import suggest
from service.spec.sections import SECTIONS, Section
from service.spec.spec import Spec
from service.spec.targets import name_columns


def check_together(spec: Spec) -> None:
    """Refuse a config whose sections do not fit together, by the first mistake."""
    mistakes = chain(_find_foreign_names(spec), _find_bad_kinds(spec), _find_lacking_answers(spec), _find_never(spec))
    for section, key, sentence in mistakes:
        module = type(section).__module__
        own = type(section) not in SECTIONS.values()
        file = name_file(module if own else f"{spec.project}.configs.{spec.config}")
        raise UsageError(f"{file}, class {type(section).__name__}, key {key}: {sentence}")


def _find_foreign_names(spec: Spec) -> Iterator[tuple[Section, str, str]]:
    data, features = spec.data, spec.data.features
    for column in spec.features.columns:
        if column not in features.columns:
            yield spec.features, "columns", _miss(features.name, column, features.columns)
    for key in ("slot", "target_slot", "target", "label_at"):
        column = getattr(data, key)
        if column is not None and column not in features.columns:
            yield data, key, _miss(features.name, column, features.columns)
    baseline = spec.monitoring.baseline
    if data.rules and baseline not in data.rules:
        names = ", ".join(data.rules)
        hint = suggest(baseline, data.rules, "name one of these.")
        yield spec.monitoring, "baseline", f"there is no naive rule {baseline!r}, {hint} The rules are {names}"
    if data.classes and len(set(data.classes)) < max(2, len(data.classes)):
        yield data, "classes", "name two classes or more, each once; with none the target is a number"


def _find_bad_kinds(spec: Spec) -> Iterator[tuple[Section, str, str]]:
    kinds = spec.data.features.columns
    for column in spec.features.columns:
        if kinds[column].startswith("text") and column not in spec.features.categories:
            yield spec.features, "columns", f"{column!r} is text: name it in categories, too"
        elif kinds[column] in ("time", "date"):
            yield spec.features, "columns", f"{column!r} is a {kinds[column]}: derive numbers of it, and name those"


def _find_lacking_answers(spec: Spec) -> Iterator[tuple[Section, str, str]]:
    data = spec.data
    for name in ("predicted", *data.rules):
        for column in name_columns(data, name):
            if column not in data.predictions.columns:
                yield data, "predictions", _miss(data.predictions.name, column, data.predictions.columns)
        if name in data.rules and f"{name}_loss" not in data.performance.columns:
            yield data, "performance", _miss(data.performance.name, f"{name}_loss", data.performance.columns)


def _find_never(spec: Spec) -> Iterator[tuple[Section, str, str]]:
    """Find what could never have a verdict."""
    delay, days = spec.data.label_delay, spec.monitoring.rescore_days
    if delay >= timedelta(days=days):
        sentence = f"labels come after {delay.days} days (Data.label_delay), and answers are scored for {days} only"
        yield spec.monitoring, "rescore_days", f"{sentence}: none would ever be; set more than {delay.days}"


def _miss(table: str, column: str, columns: Mapping[str, str]) -> str:
    return f"the table {table} has no column {column!r}, {suggest(column, columns, 'declare it there')}"
