"""What is wrong in one project, found in its files and in its imports."""

import re
from pathlib import Path

from service.project_check.find_mistakes import find_mistakes
from service.project_check.import_check import SECONDS, find_import_mistakes
from service.project_check.mistake import Mistake
from service.project_check.project_files import read_project
from service.project_check.workflow_files import find_workflow_faults

MARK = re.compile(r"# FILL IN (\d)/\d: (.+)")


def check_project(name: str, root: Path, seconds: float = SECONDS) -> list[Mistake]:
    """List all mistakes of a project: those that its files show, and those that show when they are imported."""
    files = read_project(name, root)
    mistakes = [*find_mistakes(files), *find_workflow_faults(files)]
    stopping = {mistake.file: mistake for mistake in mistakes if mistake.stops}
    imported = find_import_mistakes(files, seconds)
    return sorted([*mistakes, *(mistake for mistake in imported if not _is_same(mistake, stopping.get(mistake.file)))])


def list_places(name: str, root: Path) -> list[str]:
    """List the places that the skeleton left to fill in and nobody has yet."""
    files = read_project(name, root)
    return [
        f"{file}, line {number}"
        for file in files.trees
        for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), 1)
        if MARK.search(line)
    ]


def _is_same(mistake: Mistake, earlier: Mistake | None) -> bool:
    """Say whether an import only shows again what stands in the file already."""
    return earlier is not None and (not mistake.line or mistake.line == earlier.line)
