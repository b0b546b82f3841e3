"""Looks at the wall clock in a file, found without running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

WALL_CLOCK = {f"{owner}.{call}" for owner in ("datetime", "date", "Timestamp") for call in ("now", "utcnow", "today")}
WALL_CLOCK |= {"time.time", "time.time_ns"}
READERS = {"Timestamp", "to_datetime", "datetime64"}  # to which the words below are the time of the clock
WORDS = {"now", "today"}


def list_clock_reads(tree: ast.Module) -> Iterator[int]:
    """List the lines that look at the wall clock, by whatever name they import it."""
    real = {
        alias.asname: alias.name.rpartition(".")[2]
        for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names if alias.asname
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = name_last(node.value)
            names = [f"{real.get(owner, owner)}.{node.attr}"]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif (
            isinstance(node, ast.Call) and real.get(called := name_last(node.func), called) in READERS and _is_now(node)
        ):
            yield node.lineno
            continue
        else:
            continue
        if WALL_CLOCK.intersection(names):
            yield node.lineno


def find_clock_read(folder: Path) -> str | None:
    """Name the first file of a folder that looks at the wall clock, with its line."""
    for path in sorted(folder.glob("*.py")):
        for line in list_clock_reads(ast.parse(path.read_bytes())):
            return f"{folder.parent.name}/{folder.name}/{path.name}, line {line}"
    return None


def name_last(node: ast.expr) -> str:
    """Name what stands left of a dot: `pd.Timestamp` and `Timestamp` alike."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_now(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value in WORDS
