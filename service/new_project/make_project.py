"""A new project, made from the skeleton."""

from pathlib import Path

from db_handler.errors import QuartetError, UsageError
from service.new_project.place_files import finish_others, place_files
from service.new_project.render_skeleton import render_skeleton
from service.project_check.project_name import find_name_fault, find_taken

EXAMPLE = "make new-project name=demand_forecast"


def new_project(name: str, root: Path) -> dict[str, str]:
    """Put a project of this name into the tree; return its files."""
    finish_others(root)
    fault = find_name_fault(name, root) or find_taken(name, root)
    if fault:
        raise UsageError(f"{fault}. Type for example:  {EXAMPLE}")
    files = render_skeleton(name)
    try:
        place_files(root, files)
    except OSError as error:
        raise QuartetError(
            f"{name} was not made, and nothing was left behind: {error.filename or root}: {error.strerror}"
        ) from error
    return files
