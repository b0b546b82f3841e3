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


def name_file(module: str) -> str:
    """Name the file of a module, as a sentence names it."""
    return f"{module.replace('.', '/')}.py"
