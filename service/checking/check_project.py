"""`make check p=demand_forecast`: what is missing in a project or wrong, a sentence each; without p all projects.

Files are only read for the most part; then all is imported once, in a process of its own.
"""

import os
import sys
from pathlib import Path

from db_handler.errors import QuartetError, UsageError
from service.checking.find_mistakes import find_mistakes
from service.checking.import_check import SECONDS, find_import_mistakes
from service.checking.mistake import Mistake
from service.checking.project_files import read_project
from service.checking.workflow_files import find_ownerless_workflows, find_workflow_faults
from service.make_run import ROOT, list_projects, read_typed
from service.making.render_skeleton import MARK

EXAMPLE = "make check p=crypto_forecast"


def main() -> int:
    """Check what was asked for; answer with the exit status."""
    try:
        names = read_names(dict(os.environ), sys.argv[1:], ROOT)
    except QuartetError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    found = [fault for name in names for fault in _tell(name, ROOT)]
    if len(names) != 1:
        ownerless = find_ownerless_workflows(ROOT, list_projects(ROOT))
        sys.stdout.write("".join(f"{mistake}\n" for mistake in ownerless))
        found += ownerless
    return 1 if found else 0


def check_project(name: str, root: Path, seconds: float = SECONDS) -> list[Mistake]:
    """List all mistakes of a project: those that its files show, and those that show when they are imported."""
    files = read_project(name, root)
    found = [*find_mistakes(files), *find_workflow_faults(files)]
    known = {mistake.file: mistake for mistake in found if mistake.stops}
    imported = find_import_mistakes(files, seconds)
    return sorted([*found, *(mistake for mistake in imported if not _is_same(mistake, known.get(mistake.file)))])


def list_places(name: str, root: Path) -> list[str]:
    """List the places that the skeleton left to fill in and nobody has yet."""
    files = read_project(name, root)
    found = []
    for file in files.trees:
        for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1):
            match = MARK.search(line)
            found += [f"{file}, line {number}"] if match else []
    return found


def read_names(environment: dict[str, str], arguments: list[str], root: Path) -> list[str]:
    """Read which projects are meant: p=a,b for make, or names after python -m; none means all."""
    typed = read_typed(environment)
    unknown = sorted(typed.keys() - {"p"})
    if unknown:
        raise UsageError(f"{unknown[0][:60]}= means nothing here. Type for example:  {EXAMPLE}")
    if "p" in typed and not typed["p"].strip():
        raise UsageError(f"p= has no value: leave it out to check all. Type for example:  {EXAMPLE}")
    names = arguments or [part for part in typed.get("p", "").split(",") if part]
    known = list_projects(root)
    for name in names:
        if name not in known and not _is_begun(name, root):
            raise UsageError(f"There is no project {name[:60]!r}; there is {', '.join(known) or 'none'}.")
    return names or known


def _tell(name: str, root: Path) -> list[Mistake]:
    """Print what was found about one project."""
    found, places = check_project(name, root), list_places(name, root)
    for mistake in found:
        sys.stdout.write(f"{mistake}\n")
    if not found:
        sys.stdout.write(f"{name} is fine\n")
    if places:
        sys.stdout.write(f"{name}: still as the skeleton has it, mark and all: {'; '.join(places)}\n")
    sys.stdout.flush()
    return found


def _is_begun(name: str, root: Path) -> bool:
    """Say whether somebody has begun a project of this name that lacks its run.py still."""
    return name.isidentifier() and any((root / name / part).is_dir() for part in ("configs", "core"))


def _is_same(mistake: Mistake, known: Mistake | None) -> bool:
    """Say whether an import only shows again what stands in the file already."""
    return known is not None and (not mistake.line or mistake.line == known.line)


if __name__ == "__main__":
    sys.exit(main())
