"""The four DAG files of a project: each there, of the right name, the chain of assets unbroken, time left to judge."""

import ast
from collections.abc import Iterator
from pathlib import Path

from service.contract.kinds import KINDS
from service.contract.schedule import find_shortest_gap
from service.project_check.import_rules import read_text
from service.project_check.mistake import Mistake
from service.project_check.project_files import ProjectFiles, read_file
from service.spec import Spec

FOLLOWS = {"inference": "features", "monitoring": "predictions"}
PUBLISHES = {"data": "features", "inference": "predictions"}


def find_workflow_faults(files: ProjectFiles) -> Iterator[Mistake]:
    """Name what keeps Airflow from showing the four workflows, or from running one after the other."""
    for kind in KINDS:
        file = f"dags/{files.name}_{kind}_wf.py"
        path = files.root / file
        if not path.is_file():
            yield Mistake(file, 0, f"it is missing, so Airflow has no workflow {kind}: copy it from another project")
            continue
        tree = read_file(path, file)
        if isinstance(tree, Mistake):
            yield tree
            continue
        yield from _find_shape_faults(file, kind, tree, path.read_text(encoding="utf-8"))
        yield from _find_asset_faults(file, kind, tree, files.name)


def find_ownerless_workflows(root: Path, projects: list[str]) -> list[Mistake]:
    """Name DAG files that belong to no project: their tasks could only fail."""
    owned = {f"{project}_{kind}_wf.py" for project in projects for kind in KINDS}
    sentence = "no project has this name, or no workflow: name it <project>_<kind>_wf.py, or delete it"
    paths = sorted(root.glob("dags/*_wf.py"))
    return [Mistake(f"dags/{path.name}", 0, sentence) for path in paths if path.name not in owned]


def find_early_training(spec: Spec, root: Path) -> Mistake | None:
    """Say so where the next champion comes, by the clock, before an alarm can be raised on the one that serves."""
    file = f"dags/{spec.project}_train_wf.py"
    tree = read_file(root / file, file)
    if isinstance(tree, Mistake) or spec.train.renew != "clock" or spec.train.promote != "evidence":
        return None  # a file that can't be read is told of already
    for call in _list_calls(tree, "on_clock"):
        gap = find_shortest_gap(read_text(call) or "")
        if gap is not None and gap < spec.days_to_alarm:
            days = f"{spec.config} is trained again after {gap.days} days"
            longer = 'let on_clock leave more days between two trainings, as "35 2 1 */2 *" does'
            sentence = f"{days}, and an alarm on a new champion takes {spec.explain_alarm()}: {longer}"
            return Mistake(file, call.lineno, f"{sentence}, or set Monitoring.k or window_days lower")
    return None


def _find_shape_faults(file: str, kind: str, tree: ast.Module, text: str) -> Iterator[Mistake]:
    if not ast.get_docstring(tree):
        yield Mistake(file, 1, "it has no text in triple quotes at its top, which Airflow shows: add one")
    if not ("dag" in text.lower() and "airflow" in text.lower()):
        yield Mistake(file, 0, "Airflow passes over a file without the words airflow and dag: import both")
    if not _list_calls(tree, "workflow"):
        yield Mistake(file, 0, "it makes no DAG: write `with workflow(__file__, __doc__, ...) as dag:`")
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    for step in KINDS[kind]:
        if step not in texts:
            yield Mistake(file, 0, f"the step {step} is not run: {kind} has {', '.join(KINDS[kind])}")


def _find_asset_faults(file: str, kind: str, tree: ast.Module, project: str) -> Iterator[Mistake]:
    for name, assets, others in (("publish", PUBLISHES, "the next workflow"), ("after", FOLLOWS, "this workflow")):
        wanted = f"{project}/{assets[kind]}" if kind in assets else None
        calls = _list_calls(tree, name)
        for call in calls:
            asset = read_text(call) or (ast.unparse(call.args[0]) if call.args else "")
            if asset != wanted:
                hint = f"write {name}({wanted!r})" if wanted else f"{kind} needs no {name}"
                yield Mistake(file, call.lineno, f"it says {name}({asset!r}): {hint}")
        if wanted and not calls:
            yield Mistake(file, 0, f"without {name}({wanted!r}) {others} never starts: add it")


def _list_calls(tree: ast.Module, name: str) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]
