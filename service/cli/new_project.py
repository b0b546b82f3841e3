"""`make new-project name=demand_forecast model=sklearn`: a project that runs at once, with five places to fill in."""

import os
import signal
import sys
from datetime import date, timedelta
from pathlib import Path

from db_handler.clock import WallClock
from db_handler.errors import QuartetError, UsageError, end_with_sentence
from service.cli.typed import read_typed
from service.contract.projects import ROOT
from service.new_project.place_files import finish_others, place_files
from service.new_project.render_skeleton import DEFAULT, list_models, render_skeleton
from service.project_check.check_project import find_marks
from service.project_check.project_name import find_name_fault, find_taken

EXAMPLE = "make new-project name=demand_forecast"
DAYS = 300  # of practice data: the evidence takes 90 of them
SECONDS = 20  # to a first champion, on two cores


@end_with_sentence
def main() -> int:
    """Make the typed project; return the exit status."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # it takes a moment, and half a project is of no use
    name, model = read_name(dict(os.environ), sys.argv[1:]), read_model(dict(os.environ))
    files = new_project(name, ROOT, model)
    sys.stdout.write(describe(name, files, WallClock().now().date()))
    return 0


def read_name(environment: dict[str, str], arguments: list[str]) -> str:
    """Read the name as it was typed: name=... for make, or the one argument of python -m."""
    typed = read_typed(environment)
    unknown = sorted(typed.keys() - {"name", "model"})
    if unknown or len(arguments) > 1:
        raise UsageError(f"{[*unknown, *arguments[1:]][0]:.60} means nothing here. Type for example:  {EXAMPLE}")
    name = arguments[0] if arguments else typed.get("name", "")
    if not name.strip():
        raise UsageError(f"Which name? name= is missing. Type for example:  {EXAMPLE}")
    return name


def read_model(environment: dict[str, str]) -> str:
    """Read which model the project starts from."""
    model = read_typed(environment).get("model", DEFAULT)
    if model not in list_models():
        raise UsageError(f"model={model:.60} is none that a project can start from: {', '.join(list_models())}")
    return model


def new_project(name: str, root: Path, model: str = DEFAULT) -> dict[str, str]:
    """Put a project of this name into the tree; return its files."""
    finish_others(root)
    fault = find_name_fault(name, root) or find_taken(name, root)
    if fault:
        raise UsageError(f"{fault}. Type for example:  {EXAMPLE}")
    files = render_skeleton(name, model)
    try:
        place_files(root, files)
    except OSError as error:
        raise QuartetError(
            f"{name} was not made, and nothing was left behind: {error.filename or root}: {error.strerror}"
        ) from error
    return files


def describe(name: str, files: dict[str, str], today: date) -> str:
    """Describe the new files, the open places and the next command."""
    places = [
        part for n, file, line, what in find_marks(files) for part in (f"  {n}  {file}, line {line}", f"     {what}")
    ]
    first, run = today - timedelta(days=DAYS), f"make run p={name} k="
    return "\n".join(
        [
            f"{name} is there and runs as it is, on practice data. Five places are yours to fill in:",
            *places,
            f"Look at it first, in a home of its own; a first champion takes about {SECONDS} s:",
            "  export QUARTET_HOME=artifacts/practice",
            f"  {run}generate from={first} to={today}",
            *(f"  {run}{kind}" for kind in ("data", "train", "inference", "monitoring")),
            "  unset QUARTET_HOME",
            f"After each change:  make check p={name}  says what is missing, tests/{name} shows that it works.",
            f"docs/project-guideline.md takes you through it. Airflow shows {name}'s workflows within a minute.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
