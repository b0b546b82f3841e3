"""The contract of a project, checked in its files: which functions are where, and their arguments."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.contract.kinds import TABULAR_STEPS
from service.project_check.import_rules import read_text
from service.project_check.mistake import Mistake, advise
from service.project_check.plain_folders import list_functions
from service.project_check.project_files import ProjectFiles
from service.spec.load_spec import NAME as CONFIG_NAME

OWN_STEPS = ("load", "preprocess")
ENDS_PYTHON = {"sys.exit", "os._exit", "exit", "quit", "os.abort"}


@dataclass(frozen=True)
class Wanted:
    """One function that a project must have."""

    file: str
    name: str
    arguments: tuple[str, ...]
    answer: str
    stops: bool = True  # False where only tests and people use it
    may_lack: bool = False  # the platform has one, too


WANTED = (
    *(Wanted(f"core/{step}.py", step, ("spec", "run"), "dict[str, Any]") for step in OWN_STEPS),
    *(Wanted(f"core/{step}.py", step, ("spec", "run"), "dict[str, Any]", may_lack=True) for step in TABULAR_STEPS),
    Wanted("trainer/train.py", "fit_model", ("spec", "rows", "record"), "dict[str, Any]"),
    Wanted("trainer/train.py", "predict_rows", ("model", "rows"), "pd.DataFrame"),
    Wanted("evaluator/evaluate.py", "score", ("truth", "predicted"), "dict[str, float]"),
    Wanted("evaluator/evaluate.py", "naive", ("history", "rows"), "pd.DataFrame", stops=False),
    Wanted("utils/utils.py", "load_spec_from_config", ("config",), "Spec", stops=False),
)


def find_contract_faults(files: ProjectFiles) -> Iterator[Mistake]:
    """Name what the contract asks for and the project has not, or has otherwise."""
    for wanted in WANTED:
        yield from _find_function_faults(files, wanted)
    yield from _find_unknown_steps(files)
    yield from _find_door_faults(files)
    yield from _find_config_faults(files)
    yield from _find_unknown_configs(files)


def find_import_faults(file: str, tree: ast.Module) -> Iterator[Mistake]:
    """Name what would end Python, or never end, as soon as the file is imported."""
    ends = "ends Python as soon as the file is imported: delete it"
    for node in tree.body:
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ENDS_PYTHON:
            sentence = f"{ast.unparse(call.func)} {ends}, or raise an error in the function that meets it"
            yield Mistake(file, node.lineno, sentence)
        elif isinstance(node, ast.Raise) and node.exc and "SystemExit" in ast.unparse(node.exc):
            yield Mistake(file, node.lineno, f"SystemExit {ends}")
        elif isinstance(node, ast.While) and _never_ends(node):
            yield Mistake(file, node.lineno, "this loop never ends, so the file can't be imported: delete it")


def find_bad_file_names(files: ProjectFiles) -> Iterator[Mistake]:
    """Name files that Python can't import by their names."""
    for file in [*files.trees, *(mistake.file for mistake in files.broken)]:
        if not all(re.fullmatch(r"[A-Za-z_]\w*", part) for part in file.removesuffix(".py").split("/")):
            yield advise(file, 0, "its name can't be imported: use letters, digits and _, a letter first")


def _find_function_faults(files: ProjectFiles, wanted: Wanted) -> Iterator[Mistake]:
    file, tree = files.tell(wanted.file), files.tree(wanted.file)
    signature = f"def {wanted.name}({', '.join(wanted.arguments)}) -> {wanted.answer}"
    if not files.is_there(wanted.file) and not wanted.may_lack:
        yield Mistake(file, 0, f"it is missing: add it, with {signature}", wanted.stops)
    if tree is None:
        return
    own = [node for node in list_functions(tree) if node.name == wanted.name]
    if not own and wanted.name not in _list_bound(tree):
        yield Mistake(file, 0, f"it has no function {wanted.name}: add {signature}", wanted.stops)
    elif own and not _can_be_called(own[-1].args, wanted.arguments):
        sentence = f"{wanted.name} takes ({ast.unparse(own[-1].args)}): write {signature}"
        yield Mistake(file, own[-1].lineno, sentence, wanted.stops)


def _can_be_called(own: ast.arguments, wanted: tuple[str, ...]) -> bool:
    """Say whether the platform can hand over its arguments, in their order, and no other argument is required."""
    named = [argument.arg for argument in (*own.posonlyargs, *own.args)]
    further = len(named) - len(wanted)
    needless = len(own.defaults) >= further and all(default is not None for default in own.kw_defaults)
    return named[: len(wanted)] == list(wanted) and needless


def _list_bound(tree: ast.Module) -> set[str]:
    """Name what a file binds at its top, by an import or by an equals sign."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            names.add(node.target.id)
    return names


def _find_unknown_steps(files: ProjectFiles) -> Iterator[Mistake]:
    """Name files of core/ that no workflow runs, as a mistyped one would be."""
    steps = (*OWN_STEPS, *TABULAR_STEPS)
    for file in files.trees:
        folder, _, name = file.removeprefix(f"{files.name}/").partition("/")
        if folder == "core" and name.removesuffix(".py") not in (*steps, "__init__"):
            yield advise(file, 0, f"no step has this name, so nothing runs it: there are {', '.join(steps)}")


def _find_door_faults(files: ProjectFiles) -> Iterator[Mistake]:
    """Look at run.py: it hands the project's own name to the platform, and only when it is run.

    A name other than a constant is not judged.
    """
    file, tree = files.tell("run.py"), files.tree("run.py")
    body = f'if __name__ == "__main__": main("{files.name}"), main from service.cli.run_command'
    if not files.is_there("run.py"):
        yield advise(file, 0, f"it is missing: add it, with {body}")
    if tree is None:
        return
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("main")]
    if not calls:
        yield advise(file, 0, f"it does not call main: add {body}")
    for call in calls:
        name = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if name is not None and name != files.name:
            yield advise(file, call.lineno, f"it runs {name!r}: write main({files.name!r})")
    if any(isinstance(node, ast.Expr) and node.value in calls for node in tree.body):
        yield advise(file, calls[0].lineno, f"it runs as soon as it is imported: write {body}")


def _find_config_faults(files: ProjectFiles) -> Iterator[Mistake]:
    names = sorted(path.stem for path in files.folder.glob("configs/*.py"))
    if not any(CONFIG_NAME.fullmatch(name) for name in names):
        yield Mistake(files.tell("configs"), 0, "there is no config in it: add a file such as first.py")
        return
    sentence = "it is no config, since small letters, digits and _ name one: rename it, or begin it with _"
    for name in names:
        if not CONFIG_NAME.fullmatch(name) and not name.startswith("_"):
            yield advise(files.tell(f"configs/{name}.py"), 0, sentence)


def _find_unknown_configs(files: ProjectFiles) -> Iterator[Mistake]:
    """Name calls for a config that does not exist."""
    for file, tree in files.trees.items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            config = read_text(call) if ast.unparse(call.func) == "load_spec_from_config" else None
            if config is not None and not files.is_there(f"configs/{config}.py"):
                sentence = f"it asks for the config {config!r:.60}, which is not there: name one that is"
                yield advise(file, call.lineno, sentence)


def _never_ends(loop: ast.While) -> bool:
    forever = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    return forever and not any(isinstance(node, ast.Break | ast.Return | ast.Raise) for node in ast.walk(loop))
