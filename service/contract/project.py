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
from service.contract.projects import name_file


class ProjectError(QuartetError):
    """A project's own code does not keep the contract."""


@dataclass(frozen=True)
class Project:
    """One project folder, by name.

    >>> Project("crypto_forecast").step("load").__name__
    'load'
    """

    name: str

    def step(self, name: str) -> Callable[..., dict[str, Any]]:
        """Find a step of the project's own: `core/<name>.py`, the function of that name."""
        return self._function(f"core.{name}", name)

    @cached_property
    def fit_model(self) -> Callable[..., Any]:
        return self._function("trainer.train", "fit_model")

    @cached_property
    def predict_rows(self) -> Callable[..., Any]:
        return self._function("trainer.train", "predict_rows")

    @cached_property
    def measure_loss(self) -> Callable[..., Any]:
        """Find how one row's loss is measured: the project's own way, else the usual one for numbers or for classes."""
        from service.statistics.scores import measure_usual_loss

        return self._find("evaluator.evaluate", "measure_loss") or measure_usual_loss

    @cached_property
    def slice_rows(self) -> Callable[..., Any] | None:
        """Find the slices on which a challenger must not get worse, if the project names some."""
        return self._find("evaluator.evaluate", "slice_rows")

    @cached_property
    def generate_day(self) -> Callable[..., Any]:
        return self._function("loader.generate", "generate_day")

    @cached_property
    def score(self) -> Callable[..., Any]:
        return self._function("evaluator.evaluate", "score")

    def _find(self, module: str, name: str) -> Callable[..., Any] | None:
        value = getattr(_import(f"{self.name}.{module}"), name, None)
        return value if callable(value) else None

    def _function(self, module: str, name: str) -> Callable[..., Any]:
        function = self._find(module, name)
        if function is None:
            path = name_file(f"{self.name}.{module}")
            raise ProjectError(f"{path} has no function {name}: add it, as the contract of a project asks")
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
        raise ProjectError(f"{path} needs the module {error.name!r}, which is not installed") from error
    except (Exception, SystemExit) as error:
        raise ProjectError(f"{path} can't be imported: it {describe_bug(error)}") from error
