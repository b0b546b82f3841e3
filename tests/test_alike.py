"""What two projects would share lives in the platform once: no file of a project is like one of another."""

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALIKE = 0.75
FEWEST_STATEMENTS = 6  # a shorter file can only say the same
UNFILLED = "# FILL IN"
BINDINGS = ("run.py", "utils/utils.py")  # the same in each project, since they only tell the platform its name


def list_projects(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob("*/run.py") if not path.parent.name.startswith("."))


def list_files(project: Path) -> list[Path]:
    paths = [path for path in project.rglob("*.py") if ".venv" not in path.parts and path.name != "__init__.py"]
    mine = [path for path in paths if path.relative_to(project).as_posix() not in BINDINGS]
    return [path for path in mine if UNFILLED not in path.read_text()]  # a new project's own are still to be written


class Normaliser(ast.NodeTransformer):
    """Names that a file gives by itself say nothing; those that it imports or calls on others do."""

    def __init__(self, project: str, tree: ast.Module) -> None:
        self.project = project
        nodes = list(ast.walk(tree))
        self.own = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        self.own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        self.own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("own" if node.id in self.own else node.id, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg("own", None)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name, node.returns = "own", None
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value.replace(self.project, "project") if isinstance(node.value, str) else node.value
        return ast.Constant(value)


def list_statements(project: str, source: str) -> list[str]:
    """Flatten a file to its statements, without imports and docstrings; of a block only the head counts here."""
    tree = Normaliser(project, parsed := ast.parse(source)).visit(parsed)
    return [_show(node) for node in _walk(tree)]


def _walk(tree: ast.AST) -> Iterator[ast.stmt]:
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not is_text and not isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def _show(node: ast.stmt) -> str:
    for name in ("body", "orelse", "finalbody"):
        if isinstance(getattr(node, name, None), list):
            setattr(node, name, [])
    return ast.dump(node)


def find_alike(projects: list[Path]) -> list[str]:
    listed = {
        path: list_statements(project.name, path.read_text()) for project in projects for path in list_files(project)
    }
    return [
        f"{one.parent.name}/{one.name} of {first.name} and {second.name}"
        for first, second in combinations(projects, 2)
        for one in list_files(first)
        for other in list_files(second)
        if min(len(listed[one]), len(listed[other])) >= FEWEST_STATEMENTS
        and SequenceMatcher(None, listed[one], listed[other], autojunk=False).ratio() >= ALIKE
    ]


def test_no_file_is_alike_in_two_projects() -> None:
    projects = list_projects(ROOT)
    assert len(projects) > 1
    assert find_alike(projects) == []


FIRST = """
def load_rows(spec, run):
    with run.database.begin() as connection:
        rows = read_rows(connection, spec.data.raw)
    counts = count_kinds(rows)
    kept = rows.dropna()
    upsert_rows(connection, spec.data.features, kept)
    return {"rows": len(kept), **counts}
"""
OTHER = "def a(b):\n    c = b + 1\n    d = c * 2\n    e = d - 3\n    f = e / 4\n    g = f % 5\n    return g\n"


@pytest.mark.parametrize(
    ("second", "alike"), [(FIRST.replace("rows", "lines").replace("kept", "good"), True), (OTHER, False)]
)
def test_renaming_does_not_hide_a_copy(tmp_path: Path, second: str, alike: bool) -> None:
    for name, text in (
        ("one", FIRST),
        ("two", second.replace("read_lines", "read_rows").replace("upsert_lines", "upsert_rows")),
    ):
        (tmp_path / name / "core").mkdir(parents=True)
        (tmp_path / name / "run.py").write_text("")
        (tmp_path / name / "core" / f"{name}.py").write_text(text)
    assert bool(find_alike(list_projects(tmp_path))) == alike
