"""The walls between the rooms: who may import what, and who may look at the clock."""

import ast
from collections.abc import Iterator, Set

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


def read_text(call: ast.Call) -> str | None:
    """Read the first argument of a call where it is a plain text."""
    value = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    return value if isinstance(value, str) else None
