"""The Makefile: a menu of few short targets, and `make run` hands over what was typed, exactly."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAKEFILE = (ROOT / "Makefile").read_text()
TOY = "import json, os, sys\nprint(json.dumps([sys.argv[1:], [n for n in ('x', 'HOUSE') if n in os.environ]]))\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the house with an environment that is ready and a project that prints its arguments."""
    (tmp_path / "compose/python").mkdir(parents=True)
    (tmp_path / "toy").mkdir()
    (tmp_path / ".venv/bin").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("cli/__init__.py", "cli/make_run.py", "cli/run_in_stack.py", "cli/typed.py"):
        (tmp_path / "service" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "service" / name, tmp_path / "service" / name)
    shutil.copytree(ROOT / "service" / "contract", tmp_path / "service" / "contract")
    (tmp_path / "compose/python/setup.sh").write_text("exit 0\n")
    (tmp_path / "toy/run.py").write_text(TOY)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    return tmp_path


def type_make(house: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "QUARTET_TYPED"}
    }
    return subprocess.run(
        ["make", *words], cwd=house, env=clean | environment, capture_output=True, text=True, timeout=60
    )


def arguments(house: Path, *words: str, **environment: str) -> list[str]:
    done = type_make(house, "run", "p=toy", "k=train", *words, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]


def test_a_word_that_is_no_target_is_told_how_a_project_is_named() -> None:
    done = type_make(ROOT, "check", "income")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no target income: make alone lists them, and a project is named by p=" in done.stderr


def test_menu_names_every_target_with_one_line() -> None:
    targets = dict(re.findall(r"^([a-z-]+):(.*)$", MAKEFILE, re.M))
    assert len(targets) <= 20
    assert all(re.search(r"## \S", rest) for rest in targets.values())
    menu = type_make(ROOT).stdout.splitlines()
    assert [line.split()[1] for line in menu] == list(targets)
    assert set(re.search(r"^\.PHONY: (.*)", MAKEFILE, re.M)[1].split()) == set(targets)


def test_targets_have_three_lines_at_most() -> None:
    for recipe in re.findall(r"^[a-z-]+:.*\n((?:\t.*\n)+)", MAKEFILE, re.M):
        assert recipe.count("\n") <= 3


def test_run_builds_the_command(house: Path) -> None:
    typed = arguments(house, "c=btc,eth", "s=evaluate", "x=y", "at=2026-11-20T00:00Z")
    assert typed == ["train", "--at", "2026-11-20T00:00Z", "--config", "btc", "eth", "--step", "evaluate", "--x", "y"]


@pytest.mark.parametrize(
    "value",
    [
        "two words",
        """it's "quoted" """,
        "$HOME $$ $(HOME) ${HOME}",
        "$(shell touch pwned)",
        "$(eval pwned=1)$(error stop)",
        "`touch pwned`",
        "a;touch pwned",
        "a && touch pwned | cat > pwned",
        "#no comment",
        "back\\slash\\",
        "two\nlines",
        "한글 ✓",
        "a=b=c",
        "%t*?[a-z]~",
    ],
)
def test_values_arrive_as_typed_and_nothing_runs(house: Path, value: str) -> None:
    assert arguments(house, f"x={value}") == ["train", "--x", value]
    assert not (house / "pwned").exists()


@pytest.mark.parametrize("name", ["name", "from", "to", "file", "v"])
def test_whatever_a_value_is_called_nothing_runs(house: Path, name: str) -> None:
    assert arguments(house, f"{name}=$(shell touch pwned)x") == ["train", f"--{name}", "$(shell touch pwned)x"]
    assert not (house / "pwned").exists()


def test_nothing_of_the_environment_counts_as_typed(house: Path) -> None:
    assert arguments(house, c="btc", x="y", s="evaluate") == ["train"]


def test_typed_values_stay_out_of_the_environment_but_settings_pass(house: Path) -> None:
    done = type_make(house, "run", "p=toy", "k=train", "x=1", "HOUSE=here")
    assert json.loads(done.stdout) == [["train", "--x", "1"], ["HOUSE"]]


def test_negative_number_is_no_option(house: Path) -> None:
    assert arguments(house, "shift=-3") == ["train", "--shift=-3"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["k=train"], "p= is missing (there is toy)"),
        (["p=toy"], "k= is missing (data, train, inference, monitoring; or a verb: promote, rollback, resume, "),
        (["p=nothing", "k=train"], "no project 'nothing'; there is toy"),
        (["p=../toy", "k=train"], "no project '../toy'"),
        (["p=toy", "k=train", "c="], "c= has no value"),
        (["p=toy", "k=train", "learning-rate=1"], "'learning-rate' can't be handed over"),
    ],
)
def test_mistakes_get_one_sentence(house: Path, words: list[str], sentence: str) -> None:
    done = type_make(house, "run", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


DOCKER = "import json, sys\nprint(json.dumps([sys.argv[1:], sys.stdin.read()]))\nsys.exit(7)\n"


def enter_stack(house: Path, *words: str, **environment: str) -> tuple[list[str], str]:
    """Type a command for the stack; what a docker was called with that is played, and what it could read."""
    (house / "docker").write_text(f"#!{sys.executable}\n{DOCKER}")
    (house / "docker").chmod(0o755)
    path = f"{house}:{os.environ['PATH']}"
    done = type_make(house, "run", "p=toy", *words, PATH=path, **environment)
    assert "Error 7" in done.stderr, done.stderr  # its exit status comes through
    called, given = json.loads(done.stdout)
    return called, given


def test_run_in_the_stack_pipes_the_file_in(house: Path) -> None:
    (house / "orders.csv").write_text("a,b\n1,$(touch pwned)\n")
    typed = ["k=import", "file=orders.csv", "from=2025-01-01", "to=2025-01-02"]
    called, given = enter_stack(house, *typed, "MODE=compose")
    assert called[:6] == ["compose", "exec", "-T", "airflow-scheduler", "compose/entrypoint.sh", "bash"]
    told = ["toy.run", "import", "--file=-", "--from", "2025-01-01", "--to", "2025-01-02"]
    assert called[8:] == ["quartet", "python", "-m", *told]
    assert given == "a,b\n1,$(touch pwned)\n"


@pytest.mark.parametrize(
    ("kind", "account"),
    [("import", "reader"), ("inference", "reader"), ("train", "trainer"), ("promote", "trainer")],
)
def test_run_in_the_stack_takes_one_account_of_mlflow(house: Path, kind: str, account: str) -> None:
    called, given = enter_stack(house, f"k={kind}", MODE="compose")
    assert given == ""
    passwords = {"MLFLOW_TRAINER_PASSWORD": "t-word", "MLFLOW_READER_PASSWORD": "r-word"}
    around = {"PATH": os.environ["PATH"], **passwords}
    inside = [*called[5:9], "env"]  # what bash hands to the command
    done = subprocess.run(inside, env=around, capture_output=True, text=True, check=True)
    known = sorted(line for line in done.stdout.splitlines() if line.startswith("MLFLOW_"))
    assert known == [f"MLFLOW_TRACKING_PASSWORD={account[0]}-word", f"MLFLOW_TRACKING_USERNAME={account}"]


def test_mistakes_before_the_stack(house: Path) -> None:
    for words, sentence in (
        (["k=import", "file=none.csv", "MODE=compose"], "file=none.csv can't be read: No such file or directory."),
        (["k=import", "file=toy", "MODE=compose"], "file=toy can't be read: Is a directory."),
        (["k=train", "MODE=docker"], "MODE=docker is none: MODE=compose or MODE=embedded."),
    ):
        done = type_make(house, "run", "p=toy", *words)
        assert done.returncode == 2
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    bare = {"PATH": f"{house}/bin", "QUARTET_TYPED": "p k", "p": "toy", "k": "train", "MODE": "compose"}
    command = [sys.executable, "-m", "service.cli.make_run"]
    done = subprocess.run(command, cwd=house, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "needs the program docker, which can't be run: No such file or directory." in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["k=trian"], "there is no kind 'trian': did you mean train? Type for example"),
        (["k=train", "s=evalute"], "train has no step 'evalute': did you mean evaluate? Type for example"),
        (["k=train", "stpe=evaluate"], "unrecognized arguments: --stpe evaluate"),
        (["k=train", "at=today"], "'today' is no date"),
    ],
)
def test_words_are_looked_at_before_packages_are_installed(
    house: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    for name in ("service", "db_handler"):
        shutil.copytree(ROOT / name, house / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (house / "income").mkdir()
    (house / "income/run.py").touch()
    (house / ".venv/bin/python").unlink()
    setup = f'[ "$1" = python ] && echo {sys.executable} || touch installed\n'
    (house / "compose/python/setup.sh").write_text(setup)
    done = type_make(house, "run", "p=income", *words)
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "installed").exists()


def test_run_outside_the_stack_as_ever(house: Path) -> None:
    assert arguments(house, "MODE=embedded", "file=a.csv") == ["train", "--file", "a.csv"]
