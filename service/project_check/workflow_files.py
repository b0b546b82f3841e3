"""The four DAG files of a project: each there, of the right name, and the chain of assets unbroken."""

import ast
from pathlib import Path

from service.contract.kinds import KINDS
from service.project_check.mistake import Mistake
from service.project_check.project_files import ProjectFiles, read_file

FOLLOWS = {"inference": "features", "monitoring": "predictions"}
PUBLISHES = {"data": "features", "inference": "predictions"}


def find_workflow_faults(files: ProjectFiles) -> list[Mistake]:
    """Name what keeps Airflow from showing the four workflows, or from running one after the other."""
    return [fault for kind in KINDS for fault in _find_faults(files, kind)]


def find_ownerless_workflows(root: Path, projects: list[str]) -> list[Mistake]:
    """Name DAG files that belong to no project: their tasks could only fail."""
    owned = {f"{project}_{kind}_wf.py" for project in projects for kind in KINDS}
    sentence = "no project has this name, or no workflow: name it <project>_<kind>_wf.py, or delete it"
    paths = sorted(root.glob("dags/*_wf.py"))
    return [Mistake(f"dags/{path.name}", 0, sentence) for path in paths if path.name not in owned]


def _find_faults(files: ProjectFiles, kind: str) -> list[Mistake]:
    file = f"dags/{files.name}_{kind}_wf.py"
    path = files.root / file
    if not path.is_file():
        return [Mistake(file, 0, f"it is missing, so Airflow has no workflow {kind}: copy it from another project")]
    tree = read_file(path, file)
    if isinstance(tree, Mistake):
        return [tree]
    mistakes = _find_shape_faults(file, kind, tree, path.read_text(encoding="utf-8"))
    return [*mistakes, *_find_asset_faults(file, kind, tree, files.name)]


def _find_shape_faults(file: str, kind: str, tree: ast.Module, text: str) -> list[Mistake]:
    mistakes = []
    if not ast.get_docstring(tree):
        mistakes.append(Mistake(file, 1, "it has no text in triple quotes at its top, which Airflow shows: add one"))
    if not ("dag" in text.lower() and "airflow" in text.lower()):
        mistakes.append(Mistake(file, 0, "Airflow passes over a file without the words airflow and dag: import both"))
    if not any(_is_call(node, "workflow") for node in ast.walk(tree)):
        mistakes.append(Mistake(file, 0, "it makes no DAG: write `with workflow(__file__, __doc__, ...) as dag:`"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    for step in KINDS[kind]:
        if step not in texts:
            mistakes.append(Mistake(file, 0, f"the step {step} is not run: {kind} has {', '.join(KINDS[kind])}"))
    return mistakes


def _find_asset_faults(file: str, kind: str, tree: ast.Module, project: str) -> list[Mistake]:
    mistakes = []
    for call, what, others in (("publish", PUBLISHES, "the next workflow"), ("after", FOLLOWS, "this workflow")):
        wanted = f"{project}/{what[kind]}" if kind in what else None
        named = [_read_asset(node) for node in ast.walk(tree) if _is_call(node, call)]
        for asset, line in named:
            if asset != wanted:
                hint = f"write {call}({wanted!r})" if wanted else f"{kind} needs no {call}"
                mistakes.append(Mistake(file, line, f"it says {call}({asset!r}): {hint}"))
        if wanted and not named:
            mistakes.append(Mistake(file, 0, f"without {call}({wanted!r}) {others} never starts: add it"))
    return mistakes


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _read_asset(node: ast.AST) -> tuple[str, int]:
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    value = first.value if isinstance(first, ast.Constant) else None
    return (value if isinstance(value, str) else ast.unparse(first) if first else "", getattr(node, "lineno", 0))
