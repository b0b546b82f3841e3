"""The walls between the rooms: who may import what, and what a project's folders may hold."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What each room may import of ours; a project may import what PROJECT_MAY says, never another project.
ROOMS = {
    "compose": set(),
    "dags": {"messenger"},
    "db_handler": set(),
    "messenger": {"db_handler"},
    "service": {"db_handler", "messenger"},
}
PROJECT_MAY = {"service", "db_handler"}
FREE = {"bench", "tests"}
WITHOUT_PYTHON = {"artifacts", "docs"}
# The one room that may import a library. A job that prepares a server of the stack speaks that server's own language.
PREPARES_SERVERS = {"compose/mlflow/init.py"}
HOME_OF = {
    "airflow": "dags",
    "sqlalchemy": "db_handler",
    "alembic": "db_handler",
    "pymysql": "db_handler",
    "sqlite3": "db_handler",
    "mlflow": "service",
    "slack_sdk": "messenger",
}
FOUR_FOLDERS = ("loader", "preprocessor", "trainer", "evaluator")
INPUT_OUTPUT = set("db_handler http io os pathlib requests shutil socket subprocess tempfile urllib urllib3".split())
READS_OR_WRITES = set(
    "open read_csv read_parquet read_pickle read_sql read_text to_csv to_parquet to_pickle to_sql write_text".split()
)
WALL_CLOCK = {f"{owner}.{call}" for owner in ("datetime", "date", "Timestamp") for call in ("now", "utcnow", "today")}
WALL_CLOCK |= {"time.time", "time.time_ns"}
MAY_READ_THE_CLOCK = {
    "db_handler/clock.py",  # the one clock that all others are given
    "db_handler/locks.py",  # leases of dead processes are time-outs, in a virtual world too
    "service/tracking.py",  # MLflow shows when a metric was logged
}
VAGUE_NAMES = {"base", "common", "helpers", "misc"}


def test_every_room_is_known() -> None:
    known = ROOMS.keys() | FREE | WITHOUT_PYTHON | set(projects())
    assert {path.parent.name for path in ROOT.glob("[!.]*/*.py")} <= known


def test_no_wall_between_rooms_is_broken() -> None:
    assert [line for path in sources() for line in broken_imports(where(path), parse(path), set(projects()))] == []


def test_nothing_below_the_entry_reads_the_wall_clock() -> None:
    paths = [path for path in sources() if where(path) not in MAY_READ_THE_CLOCK]
    assert [line for path in paths for line in clock_reads(where(path), parse(path))] == []


def test_no_file_has_a_vague_name() -> None:
    assert [where(path) for path in sources() if path.stem in VAGUE_NAMES] == []


def test_every_module_says_what_it_is() -> None:
    assert [where(path) for path in sources() if path.stat().st_size and not ast.get_docstring(parse(path))] == []


def test_the_four_folders_hold_plain_functions_only() -> None:
    paths = [path for project in projects() for path in files_of(project, FOUR_FOLDERS)]
    assert [line for path in paths for line in impurities(where(path), parse(path))] == []


def test_no_function_name_stands_twice_in_a_project() -> None:
    for project in projects():
        names = Counter(name for path in files_of(project, FOUR_FOLDERS) for name in functions(parse(path)))
        assert [name for name, count in names.items() if count > 1] == [], project


def test_core_is_a_table_of_contents() -> None:
    for project in projects():
        for path in files_of(project, ("core",)):
            assert not core_faults(where(path), parse(path)), core_faults(where(path), parse(path))


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("service/a.py", "import sqlalchemy.orm"),
        ("service/a.py", "def f():\n    from slack_sdk import WebClient"),
        ("db_handler/a.py", "from messenger import send"),
        ("messenger/a.py", "import service.step as s"),
        ("income/a.py", "from credit.configs import btc"),
        ("income/a.py", "from messenger.send import open_messenger"),
        ("income/a.py", "import importlib\nimportlib.import_module('mlflow.pyfunc')"),
        ("dags/a.py", "import income"),
    ],
)
def test_broken_wall_is_seen(file: str, source: str) -> None:
    assert broken_imports(file, ast.parse(source), {"income", "credit"})


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "dt.datetime.utcnow()", "pd.Timestamp.now()", "f(time.time)", "from time import time"],
)
def test_look_at_the_wall_clock_is_seen(source: str) -> None:
    assert clock_reads("a.py", ast.parse(source))


@pytest.mark.parametrize(
    "source", ["class A: ...", "import os.path", "from urllib.request import urlopen", "open('a')", "rows.to_csv('a')"]
)
def test_impurity_is_seen(source: str) -> None:
    assert impurities("income/trainer/a.py", ast.parse(source))


def projects() -> list[str]:
    """A project is a top-level folder with a run.py."""
    return sorted(path.parent.name for path in ROOT.glob("[!.]*/run.py"))


def sources() -> list[Path]:
    rooms = [*ROOMS, *projects()]
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def files_of(project: str, folders: tuple[str, ...]) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / project / folder).rglob("*.py"))
        if path.stem != "__init__"
    ]


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(tree: ast.Module) -> Iterator[str]:
    """Name every module that a file imports, also inside functions and by import_module("...")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and last_name(node.func) in {"import_module", "__import__"}:
            yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str))


def imports(tree: ast.Module) -> Iterator[str]:
    """Name every top package that a file imports."""
    return (name.split(".")[0] for name in modules(tree))


def broken_imports(file: str, tree: ast.Module, all_projects: set[str]) -> list[str]:
    room = file.split("/")[0]
    ours = ROOMS.keys() | all_projects | FREE
    allowed = ROOMS.get(room, PROJECT_MAY) | {room}
    broken = {
        name
        for name in imports(tree)
        if (name in ours and name not in allowed) or (HOME_OF.get(name, room) != room and file not in PREPARES_SERVERS)
    }
    return [f"{file} must not import {name}" for name in sorted(broken)]


def clock_reads(file: str, tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and f"{last_name(node.value)}.{node.attr}" in WALL_CLOCK:
            found.append(f"{file}:{node.lineno} reads the wall clock: take `at` or a Clock as an argument")
        if (
            isinstance(node, ast.ImportFrom)
            and node.module == "time"
            and {a.name for a in node.names} & {"time", "time_ns"}
        ):
            found.append(f"{file}:{node.lineno} imports the wall clock")
    return found


def impurities(file: str, tree: ast.Module) -> list[str]:
    found = [f"{file}:{node.lineno} has a class" for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    if "/loader/" in file:
        return found
    # The family of errors is neither: a pure function may say that there is not enough to work on.
    reached = {name.split(".")[0] for name in modules(tree) if name != "db_handler.errors"}
    found += [
        f"{file} must not import {name}: only loader/ reads and writes" for name in sorted(reached & INPUT_OUTPUT)
    ]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and last_name(node.func) in READS_OR_WRITES]
    return found + [f"{file}:{call.lineno} reads or writes" for call in calls]


def functions(tree: ast.Module) -> list[str]:
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def core_faults(file: str, tree: ast.Module) -> list[str]:
    name = Path(file).stem
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    if [node.name for node in public] != [name]:
        return [f"{file} must hold one public function, named {name}"]
    lines = (public[0].end_lineno or 0) - public[0].lineno + 1
    return [] if 10 <= lines <= 30 else [f"{file}: {name} has {lines} lines; 10 to 25 make a table of contents"]


def last_name(node: ast.expr) -> str:
    """Name what stands left of a dot: `pd.Timestamp` and `Timestamp` alike."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
