"""What may name a project: the name becomes a folder, a package, four DAGs and the beginning of its tables' names."""

import keyword
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from service.contract.kinds import KINDS
from service.project_check.import_rules import FREE, HOME_OF, ROOMS, WITHOUT_PYTHON
from service.project_check.plain_folders import FOUR_FOLDERS, VAGUE_NAMES

LONGEST = 40  # <name>_performance is a table, and MySQL takes names of 64
RESERVED = ROOMS.keys() | FREE | WITHOUT_PYTHON | VAGUE_NAMES | {*FOUR_FOLDERS, "configs", "core", "utils", "skeleton"}
TEST_PROJECTS = "tests/projects"  # on the path of the tests, where a second one of a name would be in the way


def find_name_fault(name: str, root: Path) -> str | None:
    """Say in a sentence why a name can't be a project's; nothing where it can, whether or not it is there already.

    >>> find_name_fault("credit_data", Path("."))
    "credit_data can't be a project: a name that ends in _data would be mixed up with the workflow data of credit"
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        return f"{name[:60]!r} can't name a project: use small letters, digits and single _, a letter first"
    if len(name) > LONGEST:
        room = f"at most {LONGEST} leave room for the names of its tables"
        return f"{name[:60]!r} can't name a project: it has {len(name)} letters, and {room}"
    reason = next(_list_reasons(name, root), None)
    return f"{name} can't be a project: {reason}" if reason else None


def find_taken(name: str, root: Path) -> str | None:
    """Say in a sentence what has this name already, in any case: some disks ignore it."""
    beside = {path.name.casefold(): path.name for path in root.iterdir()}
    tests = {path.name.casefold(): f"tests/{path.name}" for path in root.glob("tests/*")}
    workflows = [file for kind in sorted(KINDS) if (root / (file := f"dags/{name}_{kind}_wf.py")).exists()]
    taken = [*filter(None, (beside.get(name), tests.get(name))), *workflows]
    return f"{taken[0]} is there already: take another name, or move it away first" if taken else None


def _list_reasons(name: str, root: Path) -> Iterator[str]:
    kind = name.rpartition("_")[2]
    if keyword.iskeyword(name):
        yield "Python has it as a word of its own"
    if name in RESERVED:
        yield "the platform has it as the name of a folder"
    if name in KINDS:
        yield "it is the name of a workflow"
    if kind in KINDS:
        yield f"a name that ends in _{kind} would be mixed up with the workflow {kind} of {name.rpartition('_')[0]}"
    if name.partition("_")[0] == "quartet":
        yield "tables of the platform itself begin with quartet_"
    if name in sys.stdlib_module_names or name in {"test", "tests"}:
        yield "Python's own library has a module of this name, which it would hide"
    if (root / TEST_PROJECTS / name).is_dir():
        yield f"{TEST_PROJECTS}/{name} has this name"
    places = [place for place in sys.path if place and Path(place).resolve() != root.resolve()]
    if name in HOME_OF or PathFinder.find_spec(name, places):
        yield "a package of this name is installed, which it would hide"
