"""The copier of code: what of a tree it takes, what it leaves, and how it keeps up."""

import os
import shutil
from pathlib import Path

import pytest

from compose.code import follow_tree
from compose.code.follow_tree import bring_code, choose_sources, list_whole


def write(root: Path, *paths: str, text: str = "x = 1\n") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


class Places:
    """A tree, an image of an earlier state of it, and the folder for the code."""

    def __init__(self, root: Path) -> None:
        self.tree, self.image, self.code = (root / name for name in ("tree", "image", "code"))
        self.code.mkdir()
        write(self.image, "compose/entrypoint.sh", "requirements.txt", "service/spec/sections.py", "dags/a_wf.py")
        write(self.image, "income/run.py", "income/.venv/pyvenv.cfg", "gone/run.py", "gone/.venv/pyvenv.cfg")
        (self.image / "income" / ".venv" / "python").symlink_to("/opt/venv/bin/python")
        (self.image / "income" / ".venv" / "lib").mkdir()
        (self.image / "income" / ".venv" / "lib64").symlink_to("lib")
        write(
            self.tree,
            "service/spec/sections.py",
            "dags/a_wf.py",
            "dags/.airflowignore",
            "income/run.py",
            "income/core/load.py",
        )

    def bring(self) -> list[str]:
        return bring_code(choose_sources(self.tree, list_whole(self.image)), self.code)

    @property
    def files(self) -> set[str]:
        return set(list_whole(self.code))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def test_code_is_the_tree_s_and_all_else_the_image_s(places: Places) -> None:
    write(places.tree, "compose/entrypoint.sh", "requirements.txt", "service/spec/sections.py", text="tree = 1\n")
    places.bring()
    assert places.files == {
        "compose/entrypoint.sh",
        "requirements.txt",
        "service/spec/sections.py",
        "dags/a_wf.py",
        "dags/.airflowignore",
        "income/run.py",
        "income/core/load.py",
        "income/.venv/pyvenv.cfg",
        "income/.venv/python",
        "income/.venv/lib64",
    }
    assert (places.code / "service/spec/sections.py").read_text() == "tree = 1\n"
    assert (places.code / "compose/entrypoint.sh").read_text() == "x = 1\n"
    assert (places.code / "income/.venv/python").readlink() == Path("/opt/venv/bin/python")


def test_what_is_no_code_stays_outside(places: Places) -> None:
    write(places.tree, ".env", ".git/config", "compose/secrets/key", "backup/secrets/key", "data/rows.csv", "notes.py")
    write(places.tree, "income/.env", "income/.venv/x.py", "income/__pycache__/run.pyc", "income/catboost_info/log")
    (places.tree / "income" / "leak.py").symlink_to(places.tree / ".env")
    (places.tree / "income" / "leaks").symlink_to(places.tree / "backup")
    places.bring()
    assert not [name for name in places.files if name.startswith((".", "backup", "data", "notes", "compose/secrets"))]
    assert {name for name in places.files if name.startswith("income")} == {
        "income/run.py",
        "income/core/load.py",
        "income/.venv/pyvenv.cfg",
        "income/.venv/python",
        "income/.venv/lib64",
    }


def test_a_second_look_changes_nothing(places: Places) -> None:
    assert places.bring()
    assert places.bring() == []


def test_a_new_project_a_change_and_a_removal_are_brought(places: Places) -> None:
    places.bring()
    write(places.tree, "fresh/run.py", "dags/fresh_data_wf.py")
    assert places.bring() == ["dags/fresh_data_wf.py", "fresh/run.py"]
    write(places.tree, "fresh/run.py", text="x = 2\n")
    os.utime(places.tree / "fresh/run.py", (1, 1))  # as a tool does that sets an older time
    assert places.bring() == ["fresh/run.py"]
    assert (places.code / "fresh/run.py").read_text() == "x = 2\n"
    shutil.rmtree(places.tree / "fresh")
    (places.tree / "dags/fresh_data_wf.py").unlink()
    assert places.bring() == ["dags/fresh_data_wf.py", "fresh/run.py"]
    assert not (places.code / "fresh").exists()


def test_a_file_may_become_a_folder_and_a_folder_a_file(places: Places) -> None:
    write(places.tree, "income/rules.py")
    places.bring()
    (places.tree / "income/rules.py").unlink()
    write(places.tree, "income/rules.py/a.py")
    places.bring()
    assert "income/rules.py/a.py" in places.files
    shutil.rmtree(places.tree / "income/rules.py")
    write(places.tree, "income/rules.py")
    places.bring()
    assert (places.code / "income/rules.py").is_file()


def test_all_can_be_read_and_modules_are_compiled(places: Places) -> None:
    write(places.tree, "income/wrong.py", text="def (")
    for path in places.tree.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    places.bring()
    for path in places.code.rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    assert list((places.code / "income/core/__pycache__").glob("load.*.pyc"))
    (places.tree / "income/core/load.py").unlink()
    places.bring()
    assert not (places.code / "income/core").exists()


def test_a_tree_that_is_none_removes_nothing(places: Places) -> None:
    places.bring()
    before = places.files
    shutil.rmtree(places.tree)
    places.tree.mkdir()
    with pytest.raises(SystemExit, match="holds no service/"):
        places.bring()
    assert places.files == before


def test_a_folder_that_can_t_be_read_is_not_taken_for_empty(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.bring()
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("tree/income"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError):
        places.bring()
    assert "income/run.py" in places.files


def test_a_file_that_goes_between_look_and_copy_is_left_for_the_next_look(places: Places) -> None:
    sources = choose_sources(places.tree, list_whole(places.image))
    (places.tree / "income/core/load.py").unlink()
    bring_code(sources, places.code)
    assert "income/core/load.py" not in places.files


def test_it_keeps_looking_and_says_that_it_did(places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(follow_tree, "READY", tmp_path / "ready")
    monkeypatch.setattr("time.sleep", pause)
    with pytest.raises(KeyboardInterrupt):
        follow_tree.follow_tree(places.tree, places.image, places.code)
    assert len(pauses) == 3
    assert (tmp_path / "ready").exists()
