"""A new project goes from nothing to a first champion by what it was told, and its own tests pass."""

import json
import time
from datetime import date

import pytest

from service.cli.new_project import describe, new_project
from service.new_project.render_skeleton import DEFAULT, list_models, render_skeleton
from service.project_check.check_project import check_project
from tests.full.test_own_environment import PACKAGE, make_wheel
from tests.service.project_tree import ROOT, Tree

NAME = "demand_forecast"
OTHERS = [model for model in list_models() if model != DEFAULT]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A tree in which the project has just been made."""
    tree = Tree(tmp_path_factory.mktemp("tree"))
    new_project(NAME, tree.root)
    return tree


def test_a_first_champion_by_the_commands_that_were_told(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    today = date.today()  # noqa: DTZ011  # the command line has the clock of this machine, too
    told = describe(NAME, render_skeleton(NAME), today)
    commands = [line.split()[3:] for line in told.splitlines() if "make run" in line]
    assert [words[0] for words in commands] == ["k=generate", "k=data", "k=train", "k=inference", "k=monitoring"]
    started = time.monotonic()
    seconds = {}
    for words in [*commands, ["k=plan"]]:
        kind, *further = (word.partition("=") for word in words)
        arguments = [part for name, _, value in further for part in (f"--{name}", value)]
        status, out, log = tree.type("-m", f"{NAME}.run", kind[2], *arguments)
        assert status == 0, log
        seconds[kind[2]] = round(time.monotonic() - started, 1)
    answer = json.loads(out.splitlines()[-1])
    assert answer["results"]["daily"]["champion"] == 1
    with capsys.disabled():
        print(f"\nfrom make new-project to a first champion: {seconds['train']} s; all that was told: {seconds}")


def test_its_own_tests_pass(tree: Tree) -> None:
    # A folder of its own, since the tests of this house have settings and fixtures that the tree has not.
    status, out, log = tree.type("-m", "pytest", "-o", "addopts=-q", "-p", "no:cacheprovider", f"tests/{NAME}")
    assert status == 0, out + log


def test_types_hold_as_strictly_as_elsewhere(tree: Tree) -> None:
    # What was found of the libraries is kept between runs; the tree itself is another each time.
    status, out, _ = tree.type("-m", "mypy", "--cache-dir", str(ROOT / ".mypy_cache" / "of_tests"), "-p", NAME)
    assert status == 0, out


@pytest.mark.parametrize("model", OTHERS)
def test_another_model_comes_to_a_champion_and_answers(tree: Tree, model: str) -> None:
    name = f"by_{model}"
    new_project(name, tree.root, model)
    # The environment of these tests has what it names; one of its own would need the network.
    (tree.root / name / "requirements.txt").unlink(missing_ok=True)
    assert [str(mistake) for mistake in check_project(name, tree.root)] == []
    for command in (["check"], ["format", "--check"]):
        status, out, log = tree.type("-m", "ruff", *command, "--no-cache", name, f"tests/{name}")
        assert status == 0, out + log
    status, out, log = tree.type("-m", "pytest", "-o", "addopts=-q", "-p", "no:cacheprovider", f"tests/{name}")
    assert status == 0, out + log
    status, out, _ = tree.type("-m", "mypy", "--cache-dir", str(ROOT / ".mypy_cache" / "of_tests"), "-p", name)
    assert status == 0, out


def test_tests_of_a_project_run_in_its_own_environment(tree: Tree) -> None:
    name, tests = "by_wheel", tree.root / "tests" / "by_wheel"
    new_project(name, tree.root)
    make_wheel(tree.root / name / "wheels", "99.0")
    wanted = f"--no-index\n--find-links {tree.root / name / 'wheels'}\n{PACKAGE}==99.0\n"
    (tree.root / name / "requirements.txt").write_text(wanted)
    for path in tests.glob("test_*.py"):
        path.write_text(f'import {PACKAGE}\n\n\ndef test_it() -> None:\n    assert {PACKAGE}.__version__ == "99.0"\n')
    run = ["-m", "pytest", "-o", "addopts=-q", "-p", "no:cacheprovider", f"tests/{name}"]
    status, out, log = tree.type(*run)
    assert (status, "1 passed" in out) == (0, True), out + log
    for path in tests.glob("test_*.py"):
        path.write_text(path.read_text().replace("99.0", "98.0"))
    status, out, _ = tree.type(*run)
    assert status == 1
    assert "assert '99.0' == '98.0'" in out
