"""Puts the files of a new project into the tree: all of them or none."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from db_handler.errors import UsageError

STAGE = ".new-project-"
COMPLETE = "complete"  # this file in a stage says that all is rendered: from then on it may be placed


def place_files(root: Path, files: dict[str, str]) -> None:
    """Write the files beside the tree, then move them in; an error on the way leaves nothing behind."""
    stage, placed = root / f"{STAGE}{os.getpid()}", list[Path]()
    tops = list_tops(files)
    try:
        for file, text in files.items():
            (stage / file).parent.mkdir(parents=True, exist_ok=True)
            (stage / file).write_text(text, encoding="utf-8")
        (stage / COMPLETE).write_text("\n".join(tops), encoding="utf-8")
        for top in tops:
            _move(stage / top, root / top)
            placed.append(root / top)
    except BaseException:
        for path in reversed(placed):
            _remove(path)
        raise
    finally:
        _remove(stage)


def finish_others(root: Path) -> None:
    """Finish what a killed process had begun to place, and drop what it had not rendered yet."""
    for stage in root.glob(f"{STAGE}*"):
        if _is_alive(stage.name.removeprefix(STAGE)):
            continue
        tops = (stage / COMPLETE).read_text("utf-8").splitlines() if (stage / COMPLETE).is_file() else []
        moved = [top for top in tops if not (stage / top).exists()]
        for top in tops if moved else []:
            if top not in moved and not (root / top).exists():
                _move(stage / top, root / top)
        _remove(stage)


def list_tops(files: Iterable[str]) -> list[str]:
    """List what is moved as a whole: the project's folder first, which makes it a project, its tests, each DAG file.

    >>> list_tops(["dags/income_data_wf.py", "income/run.py", "income/core/load.py", "tests/income/test_income.py"])
    ['income', 'tests/income', 'dags/income_data_wf.py']
    """
    tops = dict.fromkeys("/".join(file.split("/")[: 1 + file.startswith(("dags/", "tests/"))]) for file in files)
    return sorted(tops, key=lambda top: (top.startswith("dags/"), top.startswith("tests/"), top))


def _move(source: Path, target: Path) -> None:
    """Move without replacing another file."""
    target.parent.mkdir(exist_ok=True)
    try:
        if source.is_dir():
            target.mkdir()  # refuses one that is there; an empty one is replaced in one go
            source.replace(target)
        else:
            target.hardlink_to(source)
            source.unlink()
    except FileExistsError:
        raise UsageError(f"{target} has just been made by somebody else; nothing of this one was left behind") from None


def _is_alive(number: str) -> bool:
    if not re.fullmatch(r"\d{1,9}", number):
        return True  # not one of ours
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return int(number) != os.getpid()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
