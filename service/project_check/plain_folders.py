"""What the folders of a project may hold: plain functions in four of them, tables of contents in core."""

import ast
from collections.abc import Mapping
from pathlib import PurePosixPath

from service.project_check.import_rules import list_imports, name_last
from service.project_check.mistake import Mistake

FOUR_FOLDERS = ("loader", "preprocessor", "trainer", "evaluator")
INPUT_OUTPUT = set("db_handler http io os pathlib requests shutil socket subprocess tempfile urllib urllib3".split())
READS_OR_WRITES = set(
    "open read_csv read_parquet read_pickle read_sql read_text to_csv to_parquet to_pickle to_sql write_text".split()
)
VAGUE_NAMES = {"base", "common", "helpers", "misc"}
CORE_LINES = 30
Trees = Mapping[str, ast.Module]


def find_impurities(file: str, tree: ast.Module) -> list[Mistake]:
    """Name classes, and reading and writing outside loader/, in a file of the four folders."""
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    sentence = "it has the class {}: a plain function, and a dict of plain values for what is fitted, will do"
    mistakes = [Mistake(file, node.lineno, sentence.format(node.name), stops=False) for node in classes]
    if "/loader/" in file:
        return mistakes
    folder, elsewhere = file.split("/")[1], "reading and writing is for loader/ and core/, hand the rows over"
    for module, line in list_imports(tree):
        # Errors are no input or output: a pure function may raise one that there is not enough to work on.
        name = module.split(".")[0] if module != "db_handler.errors" else ""
        if name in INPUT_OUTPUT:
            mistakes.append(Mistake(file, line, f"it imports {name} in {folder}/: {elsewhere}", stops=False))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_last(node.func) in READS_OR_WRITES:
            name = name_last(node.func)
            mistakes.append(Mistake(file, node.lineno, f"it calls {name} in {folder}/: {elsewhere}", stops=False))
    return mistakes


def find_doubles(trees: Trees) -> list[Mistake]:
    """Name functions that stand twice: in one file, or in the four folders of a project."""
    seen: dict[tuple[str, str], str] = {}
    mistakes = []
    for file, tree in trees.items():
        shared = "the four folders" if _is_plain(file) else file
        for node in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            before = seen.setdefault((shared, node.name), f"{file}, line {node.lineno}")
            if before != f"{file}, line {node.lineno}":
                sentence = f"the function {node.name} stands twice, first in {before}: rename or delete one of them"
                mistakes.append(Mistake(file, node.lineno, sentence))
    return mistakes


def find_core_faults(file: str, tree: ast.Module) -> list[Mistake]:
    """Look whether a file of core/ is a table of contents: one public function of its own name, and short."""
    name = PurePosixPath(file).stem
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    others = [node for node in public if node.name != name]
    mistakes = [
        Mistake(
            file, node.lineno, f"{node.name} is public beside {name}: call it _{node.name}, or move it", stops=False
        )
        for node in others
    ]
    for node in (node for node in public if node.name == name):
        lines = (node.end_lineno or 0) - node.lineno + 1
        if lines > CORE_LINES:
            sentence = f"{name} has {lines} lines: at most {CORE_LINES} make a table of contents, move the rest"
            mistakes.append(Mistake(file, node.lineno, sentence, stops=False))
    return mistakes


def find_style_faults(file: str, tree: ast.Module) -> list[Mistake]:
    """Name a module without a docstring, and a file name that says nothing."""
    mistakes = []
    if tree.body and not ast.get_docstring(tree):
        sentence = "it does not say what it is: begin it with one sentence in triple quotes"
        mistakes.append(Mistake(file, 1, sentence, stops=False))
    stem = PurePosixPath(file).stem
    if stem in VAGUE_NAMES:
        sentence = f"the name {stem} says nothing: name the file after what it does"
        mistakes.append(Mistake(file, 0, sentence, stops=False))
    return mistakes


def _is_plain(file: str) -> bool:
    return file.split("/")[1] in FOUR_FOLDERS
