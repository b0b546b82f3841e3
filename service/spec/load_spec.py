"""Read a config file into a Spec: every class of the file registered, every mistake one sentence."""

import importlib
import re
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from pydantic import ValidationError

from db_handler.errors import UsageError
from service.contract.import_limit import ImportTooLongError, limit_import
from service.contract.projects import find_folders, name_file
from service.spec import Section, Spec
from service.spec.check_spec import build_section, check_class, cut, suggest
from service.spec.check_together import check_together
from service.spec.sections import SECTIONS

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def load_spec(package: str, config: str) -> Spec:
    """Read `<package>/configs/<config>.py`.

    A section that the file leaves out is the one of the files that its other sections come from, else the platform's,
    so that a config says only what is special about it.
    """
    module = _import_config(package, config)
    sections = {name.lower(): build_section(section, module) for name, section in _collect(module).items()}
    standard = {name.lower(): sections.pop(name.lower()) for name in SECTIONS}
    standard["data"] = standard["data"].model_copy(update={"config": config})
    return Spec(project=package, config=config, **standard, further=sections)  # type: ignore[arg-type]


def load_fitting_spec(package: str, config: str) -> Spec:
    """Read a config as `load_spec` does, and refuse one whose sections do not fit together."""
    spec = load_spec(package, config)
    check_together(spec)
    return spec


def refuse_shared_answers(specs: Iterable[Spec]) -> None:
    """Refuse two configs of which one would take the other's answers for its own."""
    owners: dict[str, Spec] = {}
    for spec in specs:
        table = spec.data.predictions
        other = owners.setdefault(f"{table.name} {spec.data.where_in(table)}", spec)
        if other is not spec:
            raise UsageError(
                f"{other.unit} and {spec.unit} answer into the same rows of {table.name}: let the table's key hold a "
                'column config ("text(63)"), which the platform fills in, and that of performance, too'
            )


def list_configs(package: str) -> list[str]:
    """Name the configs of a project; files that begin with an underscore are none."""
    return sorted(path.stem for path in find_configs(package).glob("*.py") if NAME.fullmatch(path.stem))


def find_configs(package: str) -> Path:
    """Find the folder with the configs of a project."""
    folders = [folder / "configs" for folder in find_folders(package)] if NAME.fullmatch(package) else []
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        raise UsageError(f"there is no project {cut(package)}: a project is a folder with a folder configs in it")
    return folder


def _import_config(package: str, config: str) -> ModuleType:
    configs = list_configs(package)
    if config not in configs:
        hint = suggest(config, configs, "write one of these.")
        names = ", ".join(configs) or "none yet"
        raise UsageError(f"{package} has no config {cut(config)}, {hint} Its configs: {names}")
    name = f"{package}.configs.{config}"
    try:
        with limit_import():
            return importlib.import_module(name)
    except ImportTooLongError as error:
        raise UsageError(f"{name_file(name)} {error}") from None
    except SyntaxError as error:
        raise UsageError(f"{error.filename or name_file(name)}, line {error.lineno or 1}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        what = _describe(error)[:300]
        raise UsageError(f"{name_file(name)}{_find_line(error, name)} could not be read: {what}") from error


def _describe(error: BaseException) -> str:
    if isinstance(error, ValidationError):  # of a table, or of what fills tables
        first = error.errors(include_url=False)[0]
        where = ", key ".join([error.title, *(str(part) for part in first["loc"][:1])])
        return f"{where}: {first['msg'].removeprefix('Value error, ')}"
    return f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"


def _find_line(error: BaseException, module: str) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.endswith(name_file(module))]
    return f", line {lines[-1]}," if lines else ""


def _collect(module: ModuleType) -> dict[str, type[Section]]:
    own = [cls for cls in vars(module).values() if isinstance(cls, type) and cls.__module__ == module.__name__]
    for cls in own:
        check_class(cls, module)
    inherited = _find_sections(own)
    return {**SECTIONS, **_find_sections(inherited.values()), **inherited, **{cls.__name__: cls for cls in own}}


def _find_sections(classes: Iterable[type[Section]]) -> dict[str, type[Section]]:
    """Find the sections of the files that classes come from, those of the platform aside."""
    bases = (base for cls in classes for base in cls.__mro__ if issubclass(base, Section))
    sections: dict[str, type[Section]] = {}
    for source in dict.fromkeys(base.__module__ for base in bases):
        for name, default in SECTIONS.items():
            cls = getattr(importlib.import_module(source), name, default)
            if isinstance(cls, type) and issubclass(cls, Section) and cls is not default:
                sections.setdefault(name, cls)
    return sections
