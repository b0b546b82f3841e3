"""`make check p=demand_forecast`: what is missing in a project or wrong, a sentence each; without p all projects.

Files are only read for the most part; then all is imported once, in a process of its own.
"""

import os
import sys
from pathlib import Path

from db_handler.errors import UsageError, end_with_sentence
from service.cli.typed import read_typed
from service.contract.projects import ROOT, list_projects
from service.project_check.check_project import check_project, list_places
from service.project_check.mistake import Mistake
from service.project_check.workflow_files import find_ownerless_workflows

EXAMPLE = "make check p=crypto_forecast"


@end_with_sentence
def main() -> int:
    """Check the typed projects; return the exit status."""
    names = read_names(dict(os.environ), sys.argv[1:], ROOT)
    mistakes = [fault for name in names for fault in _tell(name, ROOT)]
    if len(names) != 1:
        ownerless = find_ownerless_workflows(ROOT, list_projects(ROOT))
        sys.stdout.write("".join(f"{mistake}\n" for mistake in ownerless))
        mistakes += ownerless
    return 1 if mistakes else 0


def read_names(environment: dict[str, str], arguments: list[str], root: Path) -> list[str]:
    """Read the projects: p=a,b for make, or names after python -m; none means all."""
    typed = read_typed(environment)
    unknown = sorted(typed.keys() - {"p"})
    if unknown:
        raise UsageError(f"{unknown[0][:60]}= means nothing here. Type for example:  {EXAMPLE}")
    if "p" in typed and not typed["p"].strip():
        raise UsageError(f"p= has no value: leave it out to check all. Type for example:  {EXAMPLE}")
    names = arguments or [part for part in typed.get("p", "").split(",") if part]
    projects = list_projects(root)
    for name in names:
        begun = name.isidentifier() and any((root / name / part).is_dir() for part in ("configs", "core"))
        if name not in projects and not begun:  # what somebody has begun may have no run.py yet
            raise UsageError(f"There is no project {name[:60]!r}; there is {', '.join(projects) or 'none'}.")
    return names or projects


def _tell(name: str, root: Path) -> list[Mistake]:
    """Print the mistakes and open places of one project."""
    mistakes, places = check_project(name, root), list_places(name, root)
    sys.stdout.write("".join(f"{mistake}\n" for mistake in mistakes) or f"{name} is fine\n")
    if places:
        sys.stdout.write(f"{name}: still as the skeleton has it, mark and all: {'; '.join(places)}\n")
    sys.stdout.flush()
    return mistakes


if __name__ == "__main__":
    sys.exit(main())
