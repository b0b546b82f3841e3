"""The walls between and inside the rooms: who may import what, and who may look at the clock."""

import ast
from collections.abc import Collection, Iterator, Set

from service.contract.clock_reads import list_clock_reads, name_last
from service.project_check.mistake import Mistake, advise

# What each room may import of ours; a project may import what PROJECT_MAY says, never another project.
ROOMS: dict[str, set[str]] = {
    "compose": set(),
    "dags": {"messenger"},
    "db_handler": set(),
    "messenger": {"db_handler"},
    "service": {"db_handler", "messenger"},
}
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
PROJECT_MAY = {"service", "db_handler"}
FREE = {"bench", "tests"}
WITHOUT_PYTHON = {"artifacts", "docs"}
# The one room that may import a library. What prepares or starts a server of the stack speaks that server's language.
PREPARES_SERVERS = {f"compose/mlflow/{name}.py" for name in ("init", "reading", "serve")}
HOME_OF = {"airflow": "dags", "mlflow": "service", "slack_sdk": "messenger"}
HOME_OF |= dict.fromkeys(("sqlalchemy", "alembic", "pymysql", "sqlite3"), "db_handler")
INSTEAD = {
    "dags": "the DAG files say what runs when, a step knows nothing of it",
    "db_handler": "read and write with db_handler.rows.frames",
    "service": "a step hands over with keep_model and record_trial of service.training.keep_model",
    "messenger": "the platform tells Slack what has to be told",
}


def find_broken_walls(file: str, tree: ast.Module, projects: Set[str]) -> Iterator[Mistake]:
    """Name every import that the file's room may not have; `projects` are the names of all projects."""
    room = file.split("/")[0]
    allowed = ROOMS.get(room, PROJECT_MAY) | {room}
    for module, line in list_imports(tree):
        name = module.split(".")[0]
        if name in projects and name not in allowed:
            yield Mistake(file, line, f"it imports {name}, another project: copy what you need from there")
        elif name in ROOMS.keys() | FREE and name not in allowed:
            may = ", ".join(sorted(allowed - {room})) or "nothing of ours"
            yield Mistake(file, line, f"it imports {name}, and {room}/ may import {may} only")
        elif HOME_OF.get(name, room) != room and file not in PREPARES_SERVERS:
            home = HOME_OF[name]
            yield Mistake(file, line, f"it imports {name}, which only {home}/ may: {INSTEAD[home]}")


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


def find_clock_reads(file: str, tree: ast.Module) -> Iterator[Mistake]:
    """Name every look at the wall clock: a moment comes as `run.at`, else nothing could be run again."""
    for line in list_clock_reads(tree):
        yield advise(file, line, "it reads the wall clock: take run.at, the moment that the step is for")


def list_imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Name every module that a file imports with its line, also inside functions and by import_module("...")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno
        elif isinstance(node, ast.Call) and name_last(node.func) in {"import_module", "__import__"}:
            name = read_text(node)
            if name is not None:
                yield name, node.lineno


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


def read_text(call: ast.Call) -> str | None:
    """Read the first argument of a call where it is a plain text."""
    value = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    return value if isinstance(value, str) else None
