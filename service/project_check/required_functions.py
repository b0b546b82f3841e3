"""The contract of a project, checked in its files: which functions are where, and their arguments."""

import ast
import re
from dataclasses import dataclass

from service.project_check.mistake import Mistake
from service.project_check.project_files import ProjectFiles
from service.spec.load_spec import NAME as CONFIG_NAME

OWN_STEPS = ("load", "preprocess", "train", "evaluate", "inference")  # the others are the platform's
ENDS_PYTHON = {"sys.exit", "os._exit", "exit", "quit", "os.abort"}


@dataclass(frozen=True)
class Wanted:
    """One function that a project must have."""

    file: str
    name: str
    arguments: tuple[str, ...]
    answer: str
    stops: bool = True  # False where only tests and people use it


WANTED = (
    *(Wanted(f"core/{step}.py", step, ("spec", "run"), "dict[str, Any]") for step in OWN_STEPS),
    Wanted("trainer/train.py", "fit_model", ("spec", "rows", "record"), "dict[str, Any]"),
    Wanted("trainer/train.py", "predict_rows", ("model", "rows"), "pd.DataFrame"),
    Wanted("evaluator/evaluate.py", "score", ("truth", "predicted"), "dict[str, float]"),
    Wanted("evaluator/evaluate.py", "naive", ("history", "rows"), "pd.DataFrame", stops=False),
    Wanted("utils/utils.py", "load_spec_from_config", ("config",), "Spec", stops=False),
)


def find_contract_faults(files: ProjectFiles) -> list[Mistake]:
    """Name what the contract asks for and the project has not, or has otherwise."""
    mistakes = [fault for wanted in WANTED for fault in _find_function_faults(files, wanted)]
    return [*mistakes, *_find_door_faults(files), *_find_config_faults(files), *_find_unknown_configs(files)]


def find_import_faults(file: str, tree: ast.Module) -> list[Mistake]:
    """Name what would end Python, or never end, as soon as the file is imported."""
    mistakes = []
    for node in tree.body:
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ENDS_PYTHON:
            sentence = (
                f"{ast.unparse(call.func)} ends Python as soon as the file is imported: delete it, or raise an error"
            )
            mistakes.append(Mistake(file, node.lineno, f"{sentence} in the function that meets it"))
        if isinstance(node, ast.Raise) and node.exc and "SystemExit" in ast.unparse(node.exc):
            mistakes.append(
                Mistake(file, node.lineno, "SystemExit ends Python as soon as the file is imported: delete it")
            )
        if isinstance(node, ast.While) and _never_ends(node):
            mistakes.append(
                Mistake(file, node.lineno, "this loop never ends, so the file can't be imported: delete it")
            )
    return mistakes


def _find_function_faults(files: ProjectFiles, wanted: Wanted) -> list[Mistake]:
    file, tree = files.tell(wanted.file), files.tree(wanted.file)
    signature = f"def {wanted.name}({', '.join(wanted.arguments)}) -> {wanted.answer}"
    if not files.is_there(wanted.file):
        return [Mistake(file, 0, f"it is missing: add it, with {signature}", wanted.stops)]
    if tree is None:
        return []
    own = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == wanted.name]
    if not own:
        if wanted.name in _list_bound(tree):
            return []
        return [Mistake(file, 0, f"it has no function {wanted.name}: add {signature}", wanted.stops)]
    if _can_be_called(own[-1].args, wanted.arguments):
        return []
    given = ast.unparse(own[-1].args)
    return [Mistake(file, own[-1].lineno, f"{wanted.name} takes ({given}): write {signature}", wanted.stops)]


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


def _find_door_faults(files: ProjectFiles) -> list[Mistake]:
    """Look at run.py: it hands the project's own name to the platform, and only when it is run.

    A name other than a constant is not judged.
    """
    file, tree = files.tell("run.py"), files.tree("run.py")
    body = f'if __name__ == "__main__": main("{files.name}"), main from service.cli.run_command'
    if not files.is_there("run.py"):
        return [Mistake(file, 0, f"it is missing: add it, with {body}", stops=False)]
    if tree is None:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("main")]
    if not calls:
        return [Mistake(file, 0, f"it does not call main: add {body}", stops=False)]
    mistakes = []
    for call in calls:
        name = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if name is not None and name != files.name:
            sentence = f"it runs {name!r}: write main({files.name!r})"
            mistakes.append(Mistake(file, call.lineno, sentence, stops=False))
    if any(isinstance(node, ast.Expr) and node.value in calls for node in tree.body):
        sentence = f"it runs as soon as it is imported: write {body}"
        mistakes.append(Mistake(file, calls[0].lineno, sentence, stops=False))
    return mistakes


def _find_config_faults(files: ProjectFiles) -> list[Mistake]:
    folder = files.folder / "configs"
    names = sorted(path.stem for path in folder.glob("*.py")) if folder.is_dir() else []
    if not any(CONFIG_NAME.fullmatch(name) for name in names):
        return [Mistake(files.tell("configs"), 0, "there is no config in it: add a file such as first.py")]
    sentence = "it is no config, since small letters, digits and _ name one: rename it, or begin it with _"
    unread = [name for name in names if not CONFIG_NAME.fullmatch(name) and not name.startswith("_")]
    return [Mistake(files.tell(f"configs/{name}.py"), 0, sentence, stops=False) for name in unread]


def _find_unknown_configs(files: ProjectFiles) -> list[Mistake]:
    """Name calls for a config that does not exist."""
    mistakes = []
    for file, tree in files.trees.items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            config = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
            asks = isinstance(config, str) and ast.unparse(call.func) == "load_spec_from_config"
            if asks and not files.is_there(f"configs/{config!s}.py"):
                sentence = f"it asks for the config {config!r:.60}, which is not there: name one that is"
                mistakes.append(Mistake(file, call.lineno, sentence, stops=False))
    return mistakes


def _never_ends(loop: ast.While) -> bool:
    forever = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    leaves = (ast.Break, ast.Return, ast.Raise)
    return forever and not any(isinstance(node, leaves) for node in ast.walk(loop))


def find_bad_file_names(files: ProjectFiles) -> list[Mistake]:
    """Name files that Python can't import by their names."""
    sentence = "its name can't be imported: use letters, digits and _, a letter first"
    return [
        Mistake(file, 0, sentence, stops=False)
        for file in [*files.trees, *(mistake.file for mistake in files.broken)]
        if not all(re.fullmatch(r"[A-Za-z_]\w*", part) for part in file.removesuffix(".py").split("/"))
    ]
