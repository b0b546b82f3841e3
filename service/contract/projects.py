"""Which projects there are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def list_projects(root: Path) -> list[str]:
    """Name every folder that has a run.py."""
    paths = (path for path in root.glob("*/run.py") if path.is_file())
    return sorted(path.parent.name for path in paths if not path.parent.name.startswith("."))
