"""The order of the packages inside of a room: each imports only from those below it."""

import ast
from collections.abc import Collection, Iterator

from service.project_check.import_rules import list_imports
from service.project_check.mistake import Mistake

# The packages and modules of a room from top to bottom, those of one floor joined by a comma: each imports only from
# floors below its own.
FLOORS: dict[str, list[str]] = {
    "service": (
        "skeleton cli workflow monitoring new_project project_check tabular sources promotion training "
        "step tracking spec contract statistics"
    ).split(),
    "db_handler": "__main__ ledger rows open_database migrations tables connection settings clock errors".split(),
    "compose/launch": "__main__ verbs processes,containers settings command terminal".split(),
}


def find_upward_imports(file: str, tree: ast.Module, modules: Collection[str]) -> Iterator[Mistake]:
    """Name every import of a package of the same room that does not stand below the file's own one in FLOORS."""
    for room, floors in FLOORS.items():
        own = _name_package(file, room)
        if own is None:
            continue
        height = {name: -number for number, floor in enumerate(floors) for name in floor.split(",")}
        for module, line in list_own_imports(tree, modules):
            package = _name_package(f"{module.replace('.', '/')}.py", room)
            if package is None or package == own:
                continue
            if own not in height or package not in height:
                yield Mistake(file, line, f"{own} or {package} has no floor in {room}/: add it to FLOORS")
            elif height[package] >= height[own]:
                yield Mistake(file, line, f"it imports {package}, which is not below {own} in {room}/")


def list_own_imports(tree: ast.Module, modules: Collection[str]) -> Iterator[tuple[str, int]]:
    """Name every one of `modules` that a file imports, with the line; `from package import module` names the module."""
    names = list(list_imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return ((name, line) for name, line in names if name in modules)


def _name_package(file: str, room: str) -> str | None:
    """Name the package or loose module of a room that a file belongs to; None for the room itself and for others.

    >>> _name_package("service/spec/sections.py", "service")
    'spec'
    """
    inside = file.removeprefix(f"{room}/")
    if inside in (file, "__init__.py"):
        return None
    return inside.split("/")[0].removesuffix(".py")
