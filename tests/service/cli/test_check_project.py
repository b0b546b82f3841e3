"""make check: every mistake is a sentence with its file and line and what to do, and a project without one is fine."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from db_handler.errors import UsageError
from service.cli.check import read_names
from service.cli.new_project import new_project
from service.contract.projects import list_projects
from service.project_check import import_check
from service.project_check.check_project import check_project, list_places
from service.project_check.find_mistakes import find_mistakes
from service.project_check.project_files import read_project
from service.project_check.workflow_files import find_ownerless_workflows, find_workflow_faults
from tests.service.project_tree import ROOT, Tree

NAME = "demand"
Change = Callable[[Path], object]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with one project, which a test may break."""
    (tmp_path / "dags").mkdir()
    (tmp_path / "tests").mkdir()
    new_project(NAME, tmp_path)
    return tmp_path


def show(root: Path) -> list[str]:
    """What the files show, without an import."""
    files = read_project(NAME, root)
    return [str(mistake) for mistake in [*find_mistakes(files), *find_workflow_faults(files)]]


def write(file: str, text: str) -> Change:
    return lambda root: (root / file).write_text(text)


def add(file: str, text: str) -> Change:
    return lambda root: (root / file).write_text((root / file).read_text() + text)


def swap(file: str, old: str, new: str) -> Change:
    def change(root: Path) -> None:
        text = (root / file).read_text()
        assert old in text
        (root / file).write_text(text.replace(old, new))

    return change


def drop(file: str) -> Change:
    return lambda root: (root / file).unlink()


DATA, INFERENCE = "dags/demand_data_wf.py", "dags/demand_inference_wf.py"
MONITORING = "dags/demand_monitoring_wf.py"
LOAD, TRAIN, EVALUATE = "demand/core/load.py", "demand/trainer/train.py", "demand/evaluator/evaluate.py"
CASES: list[tuple[Change, str]] = [
    (drop(LOAD), "demand/core/load.py: it is missing: add it, with def load(spec, run) -> dict[str, Any]"),
    (drop("demand/run.py"), 'demand/run.py: it is missing: add it, with if __name__ == "__main__": main("demand")'),
    (drop("demand/utils/utils.py"), "demand/utils/utils.py: it is missing: add it, with def load_spec_from_config"),
    (drop("demand/configs/daily.py"), "demand/configs: there is no config in it: add a file such as first.py"),
    (write(TRAIN, '"""Nothing."""\n'), "train.py: it has no function fit_model: add def fit_model(spec, rows, record)"),
    (
        swap(LOAD, "spec: Spec, run: Run", "run: Run, spec: Spec"),
        "demand/core/load.py, line 9: load takes (run: Run, spec: Spec): write def load(spec, run) -> dict[str, Any]",
    ),
    (
        swap(TRAIN, "model: dict[str, Any], rows: pd.DataFrame", "model: dict[str, Any]"),
        "predict_rows takes (model: dict[str, Any]): write def predict_rows(model, rows) -> pd.DataFrame",
    ),
    (swap(EVALUATE, "def naive", "def native"), "evaluate.py: it has no function naive: add def naive(history, rows)"),
    (write(LOAD, "def load(spec, run:\n"), "demand/core/load.py, line 1: '(' was never closed; Python can't read it"),
    (write(LOAD, "x = '\0'\n"), "demand/core/load.py: source code string cannot contain null bytes; Python can't"),
    (
        add(TRAIN, "\n\ndef fit_model(spec, rows, record):\n    return {}\n"),
        "train.py, line 23: the function fit_model stands twice, first in demand/trainer/train.py, line 13: rename",
    ),
    (
        add("demand/preprocessor/preprocess.py", "\n\ndef score(rows):\n    return rows\n"),
        "line 17: the function score stands twice, first in demand/evaluator/evaluate.py, line 10: rename or delete",
    ),
    (add(TRAIN, "\n\nclass Booster: ...\n"), "line 23: it has the class Booster: a plain function"),
    (add(TRAIN, "\n\nBEST = open('best')\n"), "line 23: it calls open in trainer/: reading and writing is for loader/"),
    (add(TRAIN, "\nimport requests\n"), "line 22: it imports requests in trainer/: reading and writing is for loader/"),
    (add(LOAD, "\nimport mlflow\n"), "line 13: it imports mlflow, which only service/ may: a step hands over with"),
    (add(LOAD, "\nfrom airflow.sdk import DAG\n"), "line 13: it imports airflow, which only dags/ may"),
    (add(LOAD, "\nimport sqlalchemy\n"), "line 13: it imports sqlalchemy, which only db_handler/ may: read and write"),
    (add(LOAD, "\nimport slack_sdk\n"), "line 13: it imports slack_sdk, which only messenger/ may"),
    (add(LOAD, "\nimport messenger.send\n"), "it imports messenger, and demand/ may import db_handler, service only"),
    (add(LOAD, "\nfrom other.core import load as _l\n"), "line 13: it imports other, another project: copy what you"),
    (add(LOAD, "\nimport datetime\nN = datetime.datetime.now()\n"), "line 14: it reads the wall clock: take run.at"),
    (add(LOAD, "\nimport sys\nsys.exit(1)\n"), "line 14: sys.exit ends Python as soon as the file is imported"),
    (add(LOAD, "\nraise SystemExit\n"), "line 13: SystemExit ends Python as soon as the file is imported"),
    (add(LOAD, "\nwhile True:\n    pass\n"), "line 13: this loop never ends, so the file can't be imported: delete it"),
    (add(LOAD, "\n\ndef read(spec):\n    return spec\n"), "read is public beside load: call it _read, or move it"),
    (
        add(LOAD, "\n\n" + "def load(spec, run):\n" + "    spec = 1\n" * 40),
        "load has 41 lines: at most 30 make a table",
    ),
    (swap("demand/run.py", '"demand"', '"credit"'), "demand/run.py, line 6: it runs 'credit': write main('demand')"),
    (
        write("demand/run.py", '"""The door."""\nfrom service.cli.run_command import main\nmain("demand")\n'),
        "demand/run.py, line 3: it runs as soon as it is imported",
    ),
    (
        lambda root: (root / "demand/configs/daily.py").rename(root / "demand/configs/hourly.py"),
        "evaluate.py, line 18: it asks for the config 'daily', which is not there: name one that is",
    ),
    (write("demand/configs/Weekly.py", '"""A config."""\n'), "demand/configs/Weekly.py: it is no config, since small"),
    (write("demand/core/my-step.py", '"""A step."""\n'), "demand/core/my-step.py: its name can't be imported"),
    (write("demand/helpers.py", '"""Help."""\n'), "demand/helpers.py: the name helpers says nothing: name the file"),
    (write("demand/words.py", "A = 1\n"), "demand/words.py, line 1: it does not say what it is: begin it with one"),
    (drop(DATA), "dags/demand_data_wf.py: it is missing, so Airflow has no workflow data: copy it from"),
    (write(DATA, "with\n"), "dags/demand_data_wf.py, line 1: invalid syntax; Python can't read it"),
    (swap(DATA, "demand/features", "other/features"), "it says publish('other/features'): write publish('demand/f"),
    (
        swap(INFERENCE, 'after("demand/features")', "None"),
        "without after('demand/features') this workflow never starts",
    ),
    (swap(MONITORING, "demand/predictions", "demand/features"), "it says after('demand/features'): write after('dem"),
    (swap(DATA, '"load", ', ""), "the step load is not run: data has load, preprocess, check"),
    (lambda root: write(DATA, (root / DATA).read_text().split('"""')[2])(root), "it has no text in triple quotes at"),
    (swap(DATA, "with workflow(", "with workflows("), "it makes no DAG: write `with workflow(__file__, __doc__"),
]


@pytest.mark.parametrize(("change", "says"), CASES)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(root: Path, change: Change, says: str) -> None:
    (root / "other").mkdir()
    (root / "other" / "run.py").write_text("")
    change(root)
    found = show(root)
    assert [sentence for sentence in found if says in sentence], found
    assert all("\n" not in sentence and len(sentence) < 300 for sentence in found)


def test_all_is_told_at_once(root: Path) -> None:
    for change, _ in CASES[:3]:
        change(root)
    add(TRAIN, "\n\nclass Booster: ...\n")(root)
    assert len(show(root)) == 4


def test_a_folder_of_a_bad_name_is_told(root: Path) -> None:
    (root / NAME).rename(root / "json")
    assert any(
        "json can't be a project: Python's own" in str(found) for found in find_mistakes(read_project("json", root))
    )


@pytest.mark.parametrize("project", list_projects(ROOT))
def test_the_files_of_our_own_projects_show_no_mistake(project: str) -> None:
    files = read_project(project, ROOT)
    assert [str(mistake) for mistake in [*find_mistakes(files), *find_workflow_faults(files)]] == []


def test_environments_and_caches_are_nobodys_code(root: Path) -> None:
    for place in (".venv/lib", "__pycache__", ".hidden"):
        (root / NAME / place).mkdir(parents=True)
        (root / NAME / place / "broken.py").write_text("nonsense(")
    assert show(root) == []


def test_dag_files_of_no_project_are_told(root: Path) -> None:
    (root / "dags" / "gone_data_wf.py").write_text("")
    (root / "dags" / "demand_datta_wf.py").write_text("")
    told = [mistake.file for mistake in find_ownerless_workflows(root, list_projects(root))]
    assert told == ["dags/demand_datta_wf.py", "dags/gone_data_wf.py"]


def check(root: Path, seconds: float = 20) -> list[str]:
    """All of it, imports included."""
    return [str(mistake) for mistake in check_project(NAME, root, seconds)]


def test_a_fresh_one_is_fine_and_its_marks_are_a_hint(root: Path) -> None:
    assert check(root) == []
    assert len(list_places(NAME, root)) == 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swap("demand/configs/daily.py", "label_delay", "label_dealy"), "unknown key label_dealy, did you mean label"),
        (swap("demand/configs/daily.py", "grid = (", "grid = 5 #("), "demand/configs/daily.py"),
        (write("demand/configs/other.py", '"""A."""\nimport nosuch\n'), "demand/configs/other.py, line 2"),
        (add(TRAIN, "\nimport xgboost_of_ours\n"), "train.py, line 22: it needs the module xgboost_of_ours, which is"),
        (add(TRAIN, "\nfrom service.nothing import x\n"), "train.py, line 22: it needs the module service.nothing"),
        (
            add(TRAIN, "\nfrom demand.loader.lod import x\n"),
            "which is not there: there is no demand/loader/lod.py, so add it or mend the name",
        ),
        (add(TRAIN, "\nfrom service.spec import Nothing\n"), "train.py, line 22: it can't be imported: ImportError: "),
        (add(TRAIN, "\nA = 1 / 0\n"), "demand/trainer/train.py, line 22: it can't be imported: ZeroDivisionError: "),
        (add(TRAIN, "\nimport sys as s\ns.exit()\n"), "demand/trainer/train.py, line 23: it ends Python when it is"),
        (add(TRAIN, "\nimport os as o\no._exit(3)\n"), "train.py: it ends Python when it is imported: delete what"),
    ],
)
def test_what_can_not_be_imported_is_told_once_with_its_place(root: Path, change: Change, says: str) -> None:
    change(root)
    found = check(root)
    assert len([sentence for sentence in found if says in sentence]) == 1, found
    if "o._exit" not in (root / TRAIN).read_text():
        assert len(found) == 1, found


@pytest.mark.parametrize(
    "endless",
    [
        "import time\ntime.sleep(999)\n",
        "def f():\n    while True: pass\nf()\n",
        "while 1 == 1:\n    try: x = 1\n    except BaseException: pass\n",
    ],
)
def test_an_endless_import_ends_with_a_sentence(root: Path, endless: str) -> None:
    add(TRAIN, f"\n{endless}")(root)
    started = time.monotonic()
    found = check(root, seconds=3)
    assert time.monotonic() - started < 25
    assert len(found) == 1
    assert "demand/trainer/train.py, line" in found[0]
    assert "has not finished importing after 3 s: a file may only define things" in found[0]


def test_what_can_not_be_interrupted_is_killed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_check, "GRACE", 1.0)
    add(TRAIN, "\nimport signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\ntime.sleep(99)\n")(
        root
    )
    (found,) = check(root, seconds=2)
    assert "has not finished importing after 3 s" in found
    assert "what comes after it was not tried" in found


def test_nothing_of_a_project_is_run_by_the_check_of_its_files(root: Path, tmp_path: Path) -> None:
    add(LOAD, f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")(root)
    show(root)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"p": "nosuch"}, "There is no project 'nosuch'; there is demand."),
        ({"p": "../demand"}, "There is no project '../demand'"),
        ({"p": ""}, "p= has no value"),
        ({"x": "1"}, "x= means nothing here"),
    ],
)
def test_a_mistyped_command_is_one_sentence(root: Path, typed: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says.replace("?", r"\?")):
        read_names({"QUARTET_TYPED": " ".join(typed), **typed}, [], root)


def test_by_the_command_all_projects_are_checked_and_the_status_says_it(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    for name in (NAME, "other"):
        new_project(name, tree.root)
    status, out, _ = tree.type("-m", "service.cli.check")
    assert status == 0
    assert [line for line in out.splitlines() if "is fine" in line] == ["demand is fine", "other is fine"]
    assert "demand: still as the skeleton has it, mark and all: demand/configs/daily.py, line" in out
    (tree.root / LOAD).unlink()
    status, out, _ = tree.type("-m", "service.cli.check", QUARTET_TYPED="p", p=NAME)
    assert status == 1
    assert "demand/core/load.py: it is missing" in out
    assert "other" not in out
    (tree.root / "demand/run.py").rename(tree.root / "demand/door.py")
    status, out, _ = tree.type("-m", "service.cli.check", NAME)
    assert status == 1
    assert "demand/run.py: it is missing" in out
