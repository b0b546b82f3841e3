"""What the folders of a project may hold: plain functions in four of them, tables of contents in core."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from service.contract.clock_reads import name_last
from service.project_check.import_rules import list_imports
from service.project_check.mistake import Mistake, advise

FOUR_FOLDERS = ("loader", "preprocessor", "trainer", "evaluator")
INPUT_OUTPUT = set("db_handler http io os pathlib requests shutil socket subprocess tempfile urllib urllib3".split())
READS_OR_WRITES = set(
    "open read_csv read_parquet read_pickle read_sql read_text to_csv to_parquet to_pickle to_sql write_text".split()
)
VAGUE_NAMES = {"base", "common", "helpers", "misc"}
CORE_LINES = 30


def find_impurities(file: str, tree: ast.Module) -> Iterator[Mistake]:
    """Name classes, and reading and writing outside loader/, in a file of the four folders."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            instead = "a plain function, and a dict of plain values for what is fitted, will do"
            yield advise(file, node.lineno, f"it has the class {node.name}: {instead}")
    if "/loader/" in file:
        return
    folder, elsewhere = file.split("/")[1], "reading and writing is for loader/ and core/, hand the rows over"
    for module, line in list_imports(tree):
        # Errors are no input or output: a pure function may raise one that there is not enough to work on.
        name = module.split(".")[0]
        if name in INPUT_OUTPUT and module != "db_handler.errors":
            yield advise(file, line, f"it imports {name} in {folder}/: {elsewhere}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_last(node.func) in READS_OR_WRITES:
            yield advise(file, node.lineno, f"it calls {name_last(node.func)} in {folder}/: {elsewhere}")


def find_doubles(trees: Mapping[str, ast.Module]) -> Iterator[Mistake]:
    """Name functions that stand twice: in one file, or in the four folders of a project."""
    seen: dict[tuple[str, str], str] = {}
    for file, tree in trees.items():
        shared = "the four folders" if file.split("/")[1] in FOUR_FOLDERS else file
        for node in list_functions(tree):
            place = f"{file}, line {node.lineno}"
            before = seen.setdefault((shared, node.name), place)
            if before != place:
                sentence = f"the function {node.name} stands twice, first in {before}: rename or delete one of them"
                yield Mistake(file, node.lineno, sentence)


def find_core_faults(file: str, tree: ast.Module) -> Iterator[Mistake]:
    """Look whether a file of core/ is a table of contents: one public function of its own name, and short."""
    name = PurePosixPath(file).stem
    for node in list_functions(tree):
        lines = (node.end_lineno or 0) - node.lineno + 1
        if node.name == name and lines > CORE_LINES:
            sentence = f"{name} has {lines} lines: at most {CORE_LINES} make a table of contents, move the rest"
            yield advise(file, node.lineno, sentence)
        elif node.name != name and not node.name.startswith("_"):
            yield advise(file, node.lineno, f"{node.name} is public beside {name}: call it _{node.name}, or move it")


def find_style_faults(file: str, tree: ast.Module) -> Iterator[Mistake]:
    """Name a module without a docstring, and a file name that says nothing."""
    if tree.body and not ast.get_docstring(tree):
        yield advise(file, 1, "it does not say what it is: begin it with one sentence in triple quotes")
    stem = PurePosixPath(file).stem
    if stem in VAGUE_NAMES:
        yield advise(file, 0, f"the name {stem} says nothing: name the file after what it does")


def list_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """List the functions at the top of a file."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]
