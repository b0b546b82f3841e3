"""The walls between the rooms: who may import what, and what a project's folders may hold."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from service.project_check.import_rules import FREE, ROOMS, WITHOUT_PYTHON, find_broken_walls, find_clock_reads
from service.project_check.mistake import Mistake
from service.project_check.plain_folders import (
    FOUR_FOLDERS,
    find_core_faults,
    find_doubles,
    find_impurities,
    find_style_faults,
)

ROOT = Path(__file__).resolve().parents[1]

MAY_READ_THE_CLOCK = {
    "db_handler/clock.py",  # the one clock that all others are given
    "db_handler/ledger/locks.py",  # leases of dead processes are time-outs, in a virtual world too
    "service/tracking/tracking.py",  # MLflow shows when a metric was logged
}


def test_every_room_is_known() -> None:
    known = ROOMS.keys() | FREE | WITHOUT_PYTHON | set(projects())
    assert {path.parent.name for path in ROOT.glob("[!.]*/*.py")} <= known


def test_no_wall_between_rooms_is_broken() -> None:
    assert tell(find_broken_walls(where(path), parse(path), set(projects())) for path in sources()) == []


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
    assert find_broken_walls(file, ast.parse(source), {"income", "credit"})


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "dt.datetime.utcnow()", "pd.Timestamp.now()", "f(time.time)", "from time import time"],
)
def test_look_at_the_wall_clock_is_seen(source: str) -> None:
    assert find_clock_reads("a.py", ast.parse(source))


@pytest.mark.parametrize(
    "source", ["class A: ...", "import os.path", "from urllib.request import urlopen", "open('a')", "rows.to_csv('a')"]
)
def test_impurity_is_seen(source: str) -> None:
    assert find_impurities("income/trainer/a.py", ast.parse(source))


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


def tell(found: Iterable[list[Mistake]]) -> list[str]:
    return [str(mistake) for mistakes in found for mistake in mistakes]
