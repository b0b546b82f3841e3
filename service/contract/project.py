"""A project's functions, found by the names that the contract gives them."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

from db_handler.errors import QuartetError, UsageError
from service.contract.describe_error import describe_bug
from service.contract.import_limit import ImportTooLongError, limit_import
from service.contract.projects import advise_missing, has_module, name_file


class ProjectError(QuartetError):
    """A project's own code does not keep the contract."""


Function = Callable[..., Any]
READ_ROWS = "read_rows"


def _required(module: str, name: str) -> cached_property[Function]:
    return cached_property(lambda project: _find_required(f"{project.name}.{module}", name))


def _optional(module: str, name: str) -> cached_property[Function | None]:
    return cached_property(lambda project: _find(f"{project.name}.{module}", name))


@dataclass(frozen=True)
class Project:
    """One project folder, by name.

    >>> Project("crypto_forecast").step("load").__name__
    'load'
    """

    name: str

    fit_model = _required("trainer.train", "fit_model")
    predict_rows = _required("trainer.train", "predict_rows")
    score = _required("evaluator.evaluate", "score")
    slice_rows = _optional("evaluator.evaluate", "slice_rows")  # slices on which a challenger must not get worse
    naive = _optional("evaluator.evaluate", "naive")  # every naive rule's prediction, learned from rows known before
    generate_day = _required("loader.generate", "generate_day")

    @cached_property
    def measure_loss(self) -> Function:
        """Find how one row's loss is measured: the project's own way, else the usual one for numbers or for classes."""
        from service.statistics.scores import measure_usual_loss

        return _find(f"{self.name}.evaluator.evaluate", "measure_loss") or measure_usual_loss

    @cached_property
    def make_series(self) -> Function | None:
        """Find what makes the model rows of a series, of raw rows with their history."""
        module = f"{self.name}.preprocessor.preprocess"
        return _find(module, "make_series") if has_module(module) else None

    @cached_property
    def read_rows(self) -> Function | None:
        """Find what makes model rows of raw ones: `read_rows`, which takes a single row, too, or `read_frame`.

        A series, whose rows hang together, has neither.
        """
        module = f"{self.name}.preprocessor.preprocess"
        return (_find(module, READ_ROWS) or _find(module, "read_frame")) if has_module(module) else None

    def step(self, name: str) -> Function:
        """Find a step of the project's own: `core/<name>.py`, the function of that name."""
        return _find_required(f"{self.name}.core.{name}", name)


def _find(module: str, name: str) -> Function | None:
    value = getattr(_import(module), name, None)
    return value if callable(value) else None


def _find_required(module: str, name: str) -> Function:
    function = _find(module, name)
    if function is None:
        raise ProjectError(f"{name_file(module)} has no function {name}: add it, as the contract of a project asks")
    return function


def _import(module: str) -> ModuleType:
    path = name_file(module)
    try:
        with limit_import():
            return importlib.import_module(module)
    except ImportTooLongError as error:
        raise UsageError(f"{path} {error}") from None
    except SyntaxError as error:
        raise UsageError(f"{error.filename}, line {error.lineno}: {error.msg}; mend it and run again") from error
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise ProjectError(f"{path} is missing: add it, as the contract of a project asks") from error
        advice = advise_missing(str(error.name), module.partition(".")[0])
        raise ProjectError(f"{path} needs the module {error.name!r}, which is not installed: {advice}") from error
    except (Exception, SystemExit) as error:
        raise ProjectError(f"{path} can't be imported: it {describe_bug(error)}") from error
