"""The walls between the rooms: who may import what, and what a project's folders may hold."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from service.project_check.import_rules import (
    FREE,
    ROOMS,
    WITHOUT_PYTHON,
    find_broken_walls,
    find_clock_reads,
    list_imports,
)
from service.project_check.mistake import Mistake
from service.project_check.plain_folders import (
    FOUR_FOLDERS,
    find_core_faults,
    find_doubles,
    find_impurities,
    find_style_faults,
)
from tests.floors import find_upward_imports, list_own_imports

ROOT = Path(__file__).resolve().parents[1]

MAY_READ_THE_CLOCK = {
    "db_handler/clock.py",  # the one clock that all others are given
    "db_handler/ledger/locks.py",  # leases of dead processes are time-outs, in a virtual world too
    "service/tracking/tracking.py",  # MLflow shows when a metric was logged
}

# The DAG folder is on Airflow's path, so its modules are imported by their bare names.
OURS = {
    *ROOMS,
    *FREE,
    *(path.parent.name for path in ROOT.glob("[!.]*/run.py")),
    "_run_step",
    "_tell_slack",
    "_workflow",
}
MOST_MODULES = 12
MOST_PARAMETERS = 8


def test_every_room_is_known() -> None:
    known = ROOMS.keys() | FREE | WITHOUT_PYTHON | set(projects())
    assert {path.parent.name for path in ROOT.glob("[!.]*/*.py")} <= known


def test_no_wall_between_rooms_is_broken() -> None:
    assert tell(find_broken_walls(where(path), parse(path), set(projects())) for path in sources()) == []


def test_packages_import_only_from_those_below_them() -> None:
    assert tell(find_upward_imports(where(path), parse(path), modules()) for path in sources()) == []


def test_no_files_import_each_other_in_a_circle() -> None:
    arrows = {
        name: {target for target, _ in list_own_imports(parse(path), modules()) if target != name}
        for name, path in modules().items()
    }
    assert find_circle(arrows) == []


def test_service_holds_packages_only() -> None:
    assert [path.name for path in (ROOT / "service").glob("*.py")] == ["__init__.py"]


def test_no_folder_has_too_many_modules() -> None:
    # The DAG files, one a workflow, are data more than code.
    counted = [path for path in modules().values() if path.stem != "__init__" and not path.stem.endswith("_wf")]
    full = [folder for folder, count in Counter(where(path.parent) for path in counted).items() if count > MOST_MODULES]
    assert full == []


def test_no_function_has_too_many_parameters() -> None:
    assert [name for path in modules().values() for name in find_long_signatures(path)] == []


def test_no_function_passes_its_locals_on() -> None:
    calls = [
        f"{where(path)}, line {node.lineno}"
        for path in modules().values()
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "locals"
    ]
    assert calls == []


def test_no_private_module_of_a_library_is_imported() -> None:
    private = [
        f"{where(path)}, line {line}: {name}"
        for path in modules().values()
        for name, line in list_imports(parse(path))
        if name.split(".")[0] not in OURS and re.search(r"(^|\.)_(?!_)", name)
    ]
    assert private == []


def test_nothing_below_the_entry_reads_the_wall_clock() -> None:
    paths = [path for path in sources() if where(path) not in MAY_READ_THE_CLOCK]
    assert tell(find_clock_reads(where(path), parse(path)) for path in paths) == []


def test_every_module_says_what_it_is_and_none_has_a_vague_name() -> None:
    assert tell(find_style_faults(where(path), parse(path)) for path in sources()) == []


def test_the_four_folders_hold_plain_functions_only() -> None:
    paths = [path for project in projects() for path in files_of(project, FOUR_FOLDERS)]
    assert tell(find_impurities(where(path), parse(path)) for path in paths) == []


def test_no_function_name_stands_twice_in_a_project() -> None:
    found = [find_doubles({where(p): parse(p) for p in files_of(project, FOUR_FOLDERS)}) for project in projects()]
    assert tell(found) == []


def test_core_is_a_table_of_contents() -> None:
    paths = [path for project in projects() for path in files_of(project, ("core",))]
    assert tell(find_core_faults(where(path), parse(path)) for path in paths) == []


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
    assert list(find_broken_walls(file, ast.parse(source), {"income", "credit"}))


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "dt.datetime.utcnow()",
        "pd.Timestamp.now()",
        "f(time.time)",
        "from time import time",
        "from datetime import datetime as dt\ndt.now()",
        "import time as clock\nclock.time()",
        "from pandas import to_datetime as read\nread('now')",
    ],
)
def test_look_at_the_wall_clock_is_seen(source: str) -> None:
    assert list(find_clock_reads("a.py", ast.parse(source)))


@pytest.mark.parametrize(
    "source", ["class A: ...", "import os.path", "from urllib.request import urlopen", "open('a')", "rows.to_csv('a')"]
)
def test_impurity_is_seen(source: str) -> None:
    assert list(find_impurities("income/trainer/a.py", ast.parse(source)))


def projects() -> list[str]:
    """A project is a top-level folder with a run.py."""
    return sorted(path.parent.name for path in ROOT.glob("[!.]*/run.py"))


def sources() -> list[Path]:
    rooms = [*ROOMS, *projects()]
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


@cache
def modules() -> dict[str, Path]:
    """List the modules of all rooms by their dotted names, tests aside."""
    paths = [*sources(), *sorted((ROOT / "bench").rglob("*.py"))]
    return {where(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in paths}


def find_circle(arrows: Mapping[str, Set[str]]) -> list[str]:
    """Find modules that import each other in a circle, the first of them again at the end."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def find_long_signatures(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if len([name for name in names if name.arg not in {"self", "cls"}]) > MOST_PARAMETERS:
                yield f"{where(path)}, line {node.lineno}: {node.name}"


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


def tell(found: Iterable[Iterable[Mistake]]) -> list[str]:
    return [str(mistake) for mistakes in found for mistake in mistakes]
