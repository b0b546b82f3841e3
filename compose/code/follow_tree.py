"""Copy the laptop's code into the folder that the stack reads it from, again and again: follow_tree.py TREE IMAGE CODE.

The tree gives the platform's rooms and every folder with a run.py, and nothing hidden in them. The image gives the
rest: the stack's own programs, the lists of packages, and the environments of projects that have one.
"""

import os
import py_compile
import re
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

ROOMS = ("dags", "db_handler", "messenger", "service")
ENVIRONMENT = ".venv"  # of a project, made with the image
LEFT_OUT = ("__pycache__", "catboost_info")
SHOWN = ".airflowignore"
PAUSE = 3  # seconds between two looks
READY = Path("/tmp/ready")  # noqa: S108 (the container's own)


class Source(NamedTuple):
    """Where a file comes from, and its size and time of change there: a changed file has another one of them."""

    path: Path
    state: tuple[int, int]


Sources = dict[str, Source]  # by the name inside of the code's folder


def is_code(path: str) -> bool:
    """Say whether a file or folder of this name may hold code.

    >>> is_code("a/core"), is_code("dags/.airflowignore"), is_code("a/.env"), is_code("a/__pycache__")
    (True, True, False, False)
    """
    name = path.rpartition("/")[2]
    return name == SHOWN or (not name.startswith(".") and name not in LEFT_OUT)


def list_whole(root: Path) -> Sources:
    """List all files of an image's folder or of the code's own folder, except those compiled here."""
    return list_files(root, "", lambda path: "__pycache__" not in path or ENVIRONMENT in path)


def list_files(root: Path, folder: str, wanted: Callable[[str], bool]) -> Sources:
    """List the files below a folder, and in an environment the links; no link is followed, it may lead anywhere."""
    sources: Sources = {}
    for place, folders, names in os.walk(root / folder, onerror=refuse_unreadable):
        inside = os.path.relpath(place, root) + "/" if Path(place) != root else ""
        folders[:] = [name for name in folders if wanted(inside + name)]
        for name in (name for name in [*names, *folders] if wanted(inside + name)):
            path = Path(place, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue  # removed meanwhile
            linked = stat.S_ISLNK(status.st_mode) and f"/{ENVIRONMENT}/" in inside
            if stat.S_ISREG(status.st_mode) or linked:
                sources[inside + name] = Source(path, (status.st_size, status.st_mtime_ns))
    return sources


def refuse_unreadable(error: OSError) -> None:
    """Raise for a folder that can't be read: taken for an empty one, all its code would be removed."""
    if not isinstance(error, FileNotFoundError):
        raise error


def choose_sources(tree: Path, image: Sources) -> Sources:
    """Choose where each file comes from: the rooms and projects from the tree, the rest from the image."""
    if not (tree / "service").is_dir():
        raise SystemExit(f"{tree} holds no service/: is the folder of docker-compose.yml shared with Docker?")
    live = {room for room in ROOMS if (tree / room).is_dir()}
    live |= list_projects(path.relative_to(tree).as_posix() for path in tree.glob("*/run.py"))
    taken = live | list_projects(image)  # a project that the tree has no more is not taken from the image either
    chosen = {
        name: source
        for name, source in image.items()
        if name.split("/")[0] not in taken or (name.split("/")[0] in live and f"/{ENVIRONMENT}/" in name)
    }
    for folder in live:
        chosen |= list_files(tree, folder, is_code)
    return chosen


def list_projects(names: Iterable[str]) -> set[str]:
    """Name every folder that has a run.py; the list of service.cli.make_run, which this program can't do with.

    >>> sorted(list_projects(["income/run.py", "income/core/run.py", ".old/run.py", "run.py"]))
    ['income']
    """
    return {name.removesuffix("/run.py") for name in names if re.fullmatch(r"[^./][^/]*/run\.py", name)}


def bring_code(sources: Sources, code: Path) -> list[str]:
    """Make the code's folder hold these files and no others; answer with the names of those that changed."""
    present = list_whole(code)
    changed = [name for name, source in sources.items() if name not in present or present[name].state != source.state]
    gone = [name for name in present if name not in sources]
    for name in gone:
        drop_file(code, name)
    for name in changed:
        try:
            put_file(sources[name].path, code / name)
        except FileNotFoundError:
            continue  # removed meanwhile
        if name.endswith(".py") and ENVIRONMENT not in name:
            # Its readers can't write here; a mistake in it is reported where it is imported.
            py_compile.compile(str(code / name), doraise=False, quiet=2)
    return sorted([*changed, *gone])


def put_file(source: Path, target: Path) -> None:
    """Put a file in its place in one move, and readable for all whatever it is on the laptop."""
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    draft.unlink(missing_ok=True)
    shutil.copy2(source, draft, follow_symlinks=False)
    if not draft.is_symlink():
        draft.chmod(0o755 if draft.stat().st_mode & stat.S_IXUSR else 0o644)
    draft.replace(target)


def drop_file(code: Path, name: str) -> None:
    """Remove a file, its compiled versions, and the folders that are empty then."""
    path = code / name
    path.unlink()
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        compiled.unlink()
    for folder in (path.parent / "__pycache__", *path.parents):
        if folder == code:
            return
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def follow_tree(tree: Path, image: Path, code: Path) -> None:
    """Copy again and again; the names of changed files are logged."""
    os.umask(0o022)
    image_files = list_whole(image)
    while True:
        if changed := bring_code(choose_sources(tree, image_files), code):
            print(f"{len(changed)} files changed: {' '.join(changed[:9])}", flush=True)
        READY.touch()
        time.sleep(PAUSE)


if __name__ == "__main__":
    follow_tree(*(Path(argument) for argument in sys.argv[1:]))
