"""A project's files as Python reads them, without running any of them."""

import ast
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from service.project_check.mistake import Mistake

NOT_ITS_CODE = {"__pycache__", "node_modules", "site-packages"}


@dataclass
class ProjectFiles:
    """The parsed files of one project, by their path below the root, and the mistakes of those that can't be parsed."""

    name: str
    root: Path
    trees: dict[str, ast.Module] = field(default_factory=dict)
    broken: list[Mistake] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.root / self.name

    def tell(self, path: str) -> str:
        return f"{self.name}/{path}"

    def tree(self, path: str) -> ast.Module | None:
        """Find a file of the project; None for one that can't be parsed."""
        return self.trees.get(self.tell(path))

    def is_there(self, path: str) -> bool:
        return (self.folder / path).is_file()


def read_project(name: str, root: Path) -> ProjectFiles:
    """Parse all that is the project's own code; environments and hidden folders are not."""
    files = ProjectFiles(name, root)
    for path in _list_python(files.folder):
        file = path.relative_to(root).as_posix()
        tree = read_file(path, file)
        if isinstance(tree, Mistake):
            files.broken.append(tree)
        else:
            files.trees[file] = tree
    return files


def read_file(path: Path, file: str) -> ast.Module | Mistake:
    """Parse one file, or say why it can't be."""
    try:
        with warnings.catch_warnings(action="ignore"):  # Python warns of a stray backslash, which is no mistake
            return ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        return Mistake(file, error.lineno or 0, f"{error.msg}; Python can't read it, mend this line first")
    except (ValueError, RecursionError, MemoryError):  # a null byte, or parentheses without end
        return Mistake(file, 0, "Python can't read it: it is no text in UTF-8, or has no end")
    except OSError as error:
        return Mistake(file, 0, f"it can't be read: {error.strerror}")


def _list_python(folder: Path) -> list[Path]:
    paths = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in NOT_ITS_CODE)
        paths += [Path(place) / name for name in sorted(names) if name.endswith(".py") and not name.startswith(".")]
    return paths
