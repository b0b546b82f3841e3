"""`python -m service.project_check.try_imports income 30 35 income.core.load`: import each; one line for each fault."""

import faulthandler
import importlib
import json
import os
import sys
import traceback
from pathlib import Path

from db_handler.errors import QuartetError
from service.contract.import_limit import ImportTooLongError, limit_import
from service.contract.projects import advise_missing, find_folders
from service.project_check.workflow_files import find_early_training
from service.spec import Spec
from service.spec.load_spec import list_configs, load_fitting_spec, refuse_shared_answers

Fault = tuple[str, int, str]  # file, line, sentence


def main(project: str, seconds: float, latest: float, names: list[str]) -> None:
    """Import what is named, each with a time limit; the name of what is being imported comes before it is."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the project's own code prints is dropped
    folder = next(iter(find_folders(project)), Path(project).resolve())
    configs = {f"{project}.configs.{name}" for name in list_configs(project)}
    specs: list[Spec] = []
    sound = True
    for name in names:
        out.write(json.dumps({"begins": _name_file(name, folder)}) + "\n")
        faulthandler.dump_traceback_later(latest, exit=True, file=out)  # also of what no signal interrupts
        mistake = _try(name, folder, seconds, specs=specs if name in configs else None)
        out.write(json.dumps({"mistake": mistake} if mistake else {}) + "\n")
        sound = sound and mistake is None
    for spec in specs:
        if late := find_early_training(spec, folder.parent):
            out.write(json.dumps({"mistake": (late.file, late.line, late.sentence)}) + "\n")
    for spec in specs[:1] if sound else ():  # one stands for all: they share functions and tables
        out.write(json.dumps({"begins": f"{project}/preprocessor/preprocess.py"}) + "\n")
        for fault in _try_functions(spec, seconds):
            out.write(json.dumps({"mistake": fault}) + "\n")
        out.write("{}\n")
    out.flush()
    os._exit(0)  # even if the project has started threads


def _try(name: str, folder: Path, seconds: float, specs: list[Spec] | None) -> Fault | None:
    own = _name_file(name, folder)
    try:
        with limit_import(seconds):
            if specs is not None:
                specs.append(load_fitting_spec(folder.name, name.rpartition(".")[2]))
                refuse_shared_answers(specs)
            else:
                importlib.import_module(name)
    except QuartetError as error:
        return own, 0, str(error)
    except ImportTooLongError as error:
        file, line = _find_origin(error, folder) or (own, 0)
        module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        sys.modules[module] = None  # type: ignore[assignment]  # else the next import of it would hang again
        return file, line, f"it {error}"
    except BaseException as error:
        return _explain(error, own, folder)
    return None


def _try_functions(spec: Spec, seconds: float) -> list[Fault]:
    from service.project_check.try_functions import find_function_faults

    try:
        with limit_import(seconds):
            return list(find_function_faults(spec))
    except ImportTooLongError:
        return [(f"{spec.project}/preprocessor/preprocess.py", 0, f"tried on a few rows, it takes over {seconds:g} s")]


def _explain(error: BaseException, own: str, folder: Path) -> Fault | None:
    file, line = _find_origin(error, folder) or (own, 0)
    if isinstance(error, SyntaxError):
        return _tell(Path(str(error.filename)), folder), error.lineno or 0, str(error.msg)
    if isinstance(error, ModuleNotFoundError):
        if "None in sys.modules" in str(error):  # it hung before, and is listed already
            return None
        advice = advise_missing(str(error.name), folder.name)
        return file, line, f"it needs the module {error.name}, which is not there: {advice}"
    if isinstance(error, SystemExit):
        return file, line, "it ends Python when it is imported (sys.exit): raise an error in the function that meets it"
    words = " ".join(str(error).split())[:300]
    return file, line, f"it can't be imported: {type(error).__name__}{': ' if words else ''}{words}"


def _find_origin(error: BaseException, folder: Path) -> tuple[str, int] | None:
    """Find the last line of the project's own that led to an error."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if folder in Path(frame.filename).parents]
    return (_tell(Path(frames[-1].filename), folder), frames[-1].lineno or 0) if frames else None


def _name_file(name: str, folder: Path) -> str:
    path = folder.parent / name.replace(".", "/")
    return _tell(path / "__init__.py" if path.is_dir() else path.with_name(f"{path.name}.py"), folder)


def _tell(path: Path, folder: Path) -> str:
    return path.relative_to(folder.parent).as_posix() if folder in path.parents else str(path)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4:])
