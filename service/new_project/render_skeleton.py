"""The files of a new project, as texts by their paths: the skeleton under the project's own name."""

import re
from itertools import groupby
from pathlib import Path

SKELETON = Path(__file__).resolve().parents[1] / "skeleton"
# The skeleton imports itself as service.skeleton, so that it is checked like all other code where it lies.
ITSELF = "service.skeleton"
LINE = re.compile(r"from (\S+) import .+")


def render_skeleton(name: str) -> dict[str, str]:
    """Render all files of a project: its folder, its four workflows, its tests."""
    paths = sorted(path for path in SKELETON.rglob("*") if path.is_file() and path.suffix in {".py", ".txt", ".sql"})
    return {_choose_path(path.relative_to(SKELETON), name): _rename(path.read_text("utf-8"), name) for path in paths}


def _choose_path(path: Path, name: str) -> str:
    """Say where a file of the skeleton goes; what is no module there has the ending .txt in the skeleton."""
    file = path.name.removesuffix(".txt")
    if path.parts[0] == "dags":
        return f"dags/{name}_{file}"
    if path.parts[0] == "tests":
        return f"tests/{name}/{file.replace('project', name)}"
    return f"{name}/{path.as_posix()}"


def _rename(text: str, name: str) -> str:
    renamed = re.sub(r"\bskeleton(?![a-z])", name, text.replace(ITSELF, name))
    lines: list[str] = []
    for are_imports, group in groupby(renamed.splitlines(), key=lambda line: LINE.fullmatch(line) is not None):
        block = list(group)
        # A package's place among the imports follows from its name.
        lines += sorted(block, key=lambda line: line.split()[1]) if are_imports else block
    return "\n".join(lines) + "\n"
