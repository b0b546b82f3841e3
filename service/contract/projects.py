"""Which projects there are, and where."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def list_projects(root: Path) -> list[str]:
    """Name every folder that has a run.py."""
    paths = (path for path in root.glob("*/run.py") if path.is_file())
    return sorted(path.parent.name for path in paths if not path.parent.name.startswith("."))


def find_folders(project: str) -> list[Path]:
    """Find where a project can be imported from: its folder, or none."""
    package = importlib.util.find_spec(project)
    return [Path(place).resolve() for place in (package.submodule_search_locations if package else None) or ()]


def advise_missing(module: str, project: str) -> str:
    """Say what to do about a module that is not there: a file of ours, or a package."""
    if module.partition(".")[0] in (project, "db_handler", "service"):
        return f"there is no {name_file(module)}, so add it or mend the name"
    return f"name its package in {project}/requirements.txt, or mend the name"


def has_module(name: str) -> bool:
    """Say whether a module exists, without importing it."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even the folder that it would be in
        return False


def name_file(module: str) -> str:
    """Name the file of a module, as a sentence names it."""
    return f"{module.replace('.', '/')}.py"
