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
    for mistake in find_import_mistakes(files, seconds):
        earlier = stopping.get(mistake.file)
        # An import that only shows again what stands in the file already is left out.
        if earlier is None or mistake.line not in (0, earlier.line):
            mistakes.append(mistake)
    return sorted(mistakes)


def list_places(name: str, root: Path) -> list[str]:
    """List the places that the skeleton left to fill in and nobody has yet."""
    files = {file: (root / file).read_text(encoding="utf-8") for file in read_project(name, root).trees}
    return [f"{file}, line {line}" for _, file, line, _ in find_marks(files)]


def find_marks(files: dict[str, str]) -> list[tuple[int, str, int, str]]:
    """Find the open places in the texts of files: number, file, line, and what to write there."""
    return sorted(
        (int(mark[1]), file, number, mark[2])
        for file, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line))
    )
