"""A new project: it runs at once, keeps every rule that the others keep, and is there as a whole or not at all."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from db_handler.errors import QuartetError, UsageError
from service.cli.new_project import describe, new_project, read_model, read_name
from service.new_project.place_files import STAGE
from service.new_project.render_skeleton import DEFAULT, list_models, render_skeleton
from service.project_check.check_project import check_project, find_marks, list_places
from service.project_check.project_name import LONGEST, find_name_fault
from tests.service.project_tree import ROOT, Tree

NAME = "demand_forecast"
LONG = "d" * LONGEST  # imports of all other names stand before or after ours
NAMES = ("a", NAME, LONG, "zebra")
OTHERS = [model for model in list_models() if model != DEFAULT]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A tree in which some projects have just been made."""
    tree = Tree(tmp_path_factory.mktemp("tree"))
    for name in NAMES:
        new_project(name, tree.root)
    return tree


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A tree as small as can be."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "tests").mkdir()
    return tmp_path


def list_all(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../x", "use small letters"),
        ("/etc/x", "use small letters"),
        ("Demand", "use small letters"),
        ("demand-forecast", "use small letters"),
        ("demand__forecast", "use small letters"),
        ("demand_", "use small letters"),
        ("_demand", "use small letters"),
        ("1demand", "use small letters"),
        ("수요", "use small letters"),
        ("demand\n", "use small letters"),
        ("a" * 300, "it has 300 letters, and at most 40"),
        ("import", "Python has it as a word of its own"),
        ("json", "Python's own library has a module of this name"),
        ("test", "Python's own library has a module of this name"),
        ("pandas", "a package of this name is installed"),
        ("airflow", "a package of this name is installed"),
        ("service", "the platform has it as the name of a folder"),
        ("tests", "the platform has it as the name of a folder"),
        ("docs", "the platform has it as the name of a folder"),
        ("core", "the platform has it as the name of a folder"),
        ("common", "the platform has it as the name of a folder"),
        ("toy", "tests/projects/toy has this name"),
        ("train", "it is the name of a workflow"),
        ("demand_data", "would be mixed up with the workflow data of demand"),
        ("demand_inference", "would be mixed up with the workflow inference of demand"),
        ("quartet_new", "tables of the platform itself begin with quartet_"),
    ],
)
def test_a_name_that_can_not_be_is_one_sentence(name: str, says: str) -> None:
    fault = find_name_fault(name, ROOT) or ""
    assert says in fault
    assert len(fault) < 200
    assert "\n" not in fault


@pytest.mark.parametrize("name", ["a", "demand_forecast", "credit_score2", LONG])
def test_a_name_that_can_be(name: str) -> None:
    assert find_name_fault(name, ROOT) is None


@pytest.mark.parametrize("there", ["demand/", "Demand/", "DEMAND", "tests/demand/", "dags/demand_train_wf.py"])
def test_what_is_there_is_left_alone_whatever_its_case(empty: Path, there: str) -> None:
    path = empty / there
    path.mkdir() if there.endswith("/") else path.write_text("mine")
    before = list_all(empty)
    with pytest.raises(UsageError, match="is there already: take another name"):
        new_project("demand", empty)
    assert list_all(empty) == before


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "name= is missing"),
        ({"name": ""}, "name= is missing"),
        ({"name": "  "}, "name= is missing"),
        ({"nmae": "x"}, "nmae means nothing here"),
    ],
)
def test_a_mistyped_command_is_one_sentence(typed: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_name({"QUARTET_TYPED": " ".join(typed), **typed}, [])


def test_all_that_is_made_and_what_is_left_to_do_is_told(tree: Tree) -> None:
    files = render_skeleton(NAME)
    assert {f"dags/{NAME}_{kind}_wf.py" for kind in ("data", "train", "inference", "monitoring")} <= files.keys()
    assert {f"{NAME}/run.py", f"tests/{NAME}/test_{NAME}.py"} <= files.keys()
    assert not [file for file, text in files.items() if "skeleton" in text or "new_project" in text]
    assert [number for number, *_ in find_marks(files)] == [1, 2, 3, 4, 5]
    told = describe(NAME, files, date(2026, 11, 20))
    assert [line for line in told.splitlines() if len(line) > 120] == []
    for place in list_places(NAME, tree.root):
        assert place in told
    assert f"make run p={NAME} k=generate from=2026-01-24 to=2026-11-20" in told


def test_it_is_short() -> None:
    files = render_skeleton(NAME)
    lines = sum(text.count("\n") for file, text in files.items() if file.startswith(f"{NAME}/"))
    assert lines <= 300


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_rules_of_form_whatever_its_name(tree: Tree, name: str) -> None:
    places = [name, f"tests/{name}", *(f"dags/{name}_{kind}_wf.py" for kind in ("data", "train"))]
    for command in (["check"], ["format", "--check"]):
        status, out, log = tree.type("-m", "ruff", *command, "--no-cache", *places)
        assert status == 0, out + log


def test_the_walls_hold(tree: Tree) -> None:
    status, out, log = tree.type("-m", "pytest", "-o", "addopts=-q", "-p", "no:cacheprovider", "tests/test_walls.py")
    assert status == 0, out + log


@pytest.mark.parametrize("name", [NAME, LONG])
def test_the_check_finds_nothing_but_what_is_left_to_fill_in(tree: Tree, name: str) -> None:
    assert [str(mistake) for mistake in check_project(name, tree.root)] == []
    assert len(list_places(name, tree.root)) == 5


@pytest.mark.parametrize("model", OTHERS)
def test_another_model_takes_the_place_of_the_first_and_all_else_stays(model: str) -> None:
    files, usual = render_skeleton(NAME, model), render_skeleton(NAME)
    changed = {file for file in files if files[file] != usual.get(file)}
    own = {f"{NAME}/{file}" for file in ("configs/daily.py", "configs/_model.py", "trainer/train.py")}
    assert changed - {f"{NAME}/requirements.txt"} == own
    assert "booster" not in "".join(files.values())
    assert (f"{NAME}/requirements.txt" in files) == (model == "lightgbm")


def test_a_model_that_is_none_is_one_sentence() -> None:
    assert read_model({}) == DEFAULT
    with pytest.raises(UsageError, match="model=torch is none that a project can start from: catboost, lightgbm, skl"):
        read_model({"QUARTET_TYPED": "name model", "name": NAME, "model": "torch"})


def test_make_lint_takes_every_project() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "$(filter-out $(OWN),$(patsubst %/run.py,%,$(wildcard */run.py)))" in makefile
    assert "-m mypy $(PROJECTS)" in makefile
    assert "bash compose/python/check_own_types.sh $(OWN)" in makefile


def test_the_guideline_says_the_same_in_both_languages_and_shows_the_config_as_it_is() -> None:
    pages = [(ROOT / f"docs/project-guideline{language}.md").read_text() for language in ("", ".ko")]
    for what in (r"^    (?:make|\.venv).*", r"^```python\n(.*?)```", r"`([a-z_]+\([^`]*\))`"):
        english, korean = (re.findall(what, page, re.M | re.S if "python" in what else re.M) for page in pages)
        strip = [[re.sub(r" *#.*", "", found) for found in page] for page in (english, korean)]
        assert strip[0] == strip[1]
    config = render_skeleton(NAME)[f"{NAME}/configs/daily.py"]
    for page in pages:
        (shown,) = re.findall(r"^```python\n(NUMBERS.*?)```", page, re.M | re.S)
        assert shown in config


@pytest.mark.parametrize("nth", [1, 3, 20, 40, "rename"])
def test_an_error_on_the_way_leaves_nothing(empty: Path, monkeypatch: pytest.MonkeyPatch, nth: int | str) -> None:
    written, write, link = [0], Path.write_text, Path.hardlink_to

    def fail(path: Path, *words: object, **more: object) -> int:
        written[0] += 1
        if written[0] == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, *words, **more)  # type: ignore[arg-type]

    def fail_link(path: Path, source: Path) -> None:
        if nth == "rename" and "monitoring" in path.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        link(path, source)

    monkeypatch.setattr(Path, "write_text", fail)
    monkeypatch.setattr(Path, "hardlink_to", fail_link)
    before = list_all(empty)
    if nth != 40:
        with pytest.raises(QuartetError, match="was not made, and nothing was left behind"):
            new_project("demand", empty)
        assert list_all(empty) == before
    else:  # there are fewer files
        new_project("demand", empty)


def test_a_folder_that_can_not_be_written_is_one_sentence(empty: Path) -> None:
    if os.geteuid() == 0:
        shutil.rmtree(empty / "dags")
        (empty / "dags").write_text("a file where the folder should be")
    else:
        empty.chmod(0o500)
    with pytest.raises(QuartetError, match="demand was not made, and nothing was left behind"):
        new_project("demand", empty)
    empty.chmod(0o700)
    assert [path.name for path in empty.iterdir() if path.name != "tests"] == ["dags"]


def find_dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_one_had_not_rendered_is_dropped(empty: Path) -> None:
    stage = empty / f"{STAGE}{find_dead_process()}"
    (stage / "demand").mkdir(parents=True)
    (stage / "demand" / "run.py").write_text("half")
    new_project("demand", empty)
    assert "half" not in (empty / "demand" / "run.py").read_text()
    assert not list(empty.glob(f"{STAGE}*"))


def test_what_a_killed_one_had_begun_to_place_is_finished(empty: Path) -> None:
    new_project("demand", empty)
    whole = list_all(empty)
    stage = empty / f"{STAGE}{find_dead_process()}"
    (stage / "dags").mkdir(parents=True)
    tops = ["demand", "tests/demand", *(f"dags/{path.name}" for path in (empty / "dags").iterdir())]
    (stage / "complete").write_text("\n".join(tops))
    (empty / "dags" / "demand_train_wf.py").rename(stage / "dags" / "demand_train_wf.py")
    with pytest.raises(UsageError, match="is there already"):
        new_project("demand", empty)
    assert list_all(empty) == whole


@pytest.fixture
def own_tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_stopped_while_it_is_placed_it_is_there_as_a_whole(own_tree: Tree, stop: signal.Signals) -> None:
    before = own_tree.list_files()
    process = own_tree.start("-m", "service.cli.new_project", NAME)
    while process.poll() is None and not list(own_tree.root.glob(f"{STAGE}*")):
        time.sleep(0.0005)
    process.send_signal(stop)
    _, log = process.communicate(timeout=60)
    assert "Traceback" not in log
    if stop is signal.SIGKILL:  # then the next one finishes it, or makes it anew
        own_tree.type("-m", "service.cli.new_project", NAME)
    made = own_tree.list_files() - before
    assert {file for file in made if file.endswith(".py")} == set(render_skeleton(NAME))
    assert not [file for file in made if file.startswith(STAGE)]


def test_two_at_once_make_one(own_tree: Tree) -> None:
    both = [own_tree.start("-m", "service.cli.new_project", NAME) for _ in range(2)]
    ends = [(process.communicate(timeout=60), process.returncode) for process in both]
    assert sorted(status for _, status in ends) == [0, 2], ends
    assert [str(mistake) for mistake in check_project(NAME, own_tree.root)] == []
