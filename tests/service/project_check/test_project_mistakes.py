"""A project's mistake stays its own: its workflows are refused with what to do, and all others run."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db_handler.errors import UsageError
from service.contract import import_limit
from service.contract.import_limit import ImportTooLongError, limit_import
from service.contract.own_environment import build_all
from service.contract.project import Project
from service.contract.projects import list_projects
from service.project_check.check_project import check_project
from service.project_check.find_mistakes import find_mistakes
from service.project_check.project_files import read_project
from service.project_check.workflow_files import find_early_training
from service.spec import Spec
from service.spec.load_spec import load_spec
from tests.service.answer import Ask
from tests.service.project_tree import ROOT, Tree

TOY = ROOT / "tests" / "projects" / "toy"
AT = ("--at", "2025-01-01")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the toy that a test may break."""
    folder = tmp_path / "mine"
    shutil.copytree(TOY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text().replace("from toy.", "from mine.").replace('"toy"', '"mine"'))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "mine"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("core/load.py", "def load(spec, run:\n", "mine/core/load.py, line 1: '(' was never closed"),
        ("core/load.py", None, "mine/core/load.py: it is missing: add it, with def load(spec, run)"),
        ("core/train.py", "def fit(spec, run): ...\n", "mine/core/train.py: it has no function train: add def train"),
        ("core/train.py", "def train(run): ...\n", "mine/core/train.py, line 1: train takes (run): write def train"),
        ("core/load.py", "import sys\nsys.exit()\ndef load(spec, run): ...\n", "line 2: sys.exit ends Python as soon"),
        ("core/load.py", "while True: ...\ndef load(spec, run): ...\n", "line 1: this loop never ends"),
        (
            "loader/load.py",
            "def score(rows): ...\n",
            "line 1: the function score stands twice, first in mine/evaluator/evaluate.py, line 10",
        ),
        (
            "core/load.py",
            "import other.run\ndef load(spec, run): ...\n",
            "it imports other, another project: copy what",
        ),
        ("core/load.py", "import airflow\ndef load(spec, run): ...\n", "it imports airflow, which only dags/ may"),
    ],
)
def test_the_first_task_of_its_workflows_fails_with_what_to_do(
    ask: Ask, mine: Path, file: str, text: str | None, says: str
) -> None:
    (mine / file).parent.mkdir(exist_ok=True)
    if text is None:
        (mine / file).unlink()
    else:
        (mine / file).write_text(text)
    (mine.parent / "other").mkdir()
    (mine.parent / "other" / "run.py").write_text("")
    answer = ask("plan", *AT, project="mine")
    assert answer.status == 2
    assert says in answer.sentence
    assert "Mend it and look again with  make check p=mine" in answer.sentence
    assert ask("plan", *AT).status == 0  # the toy itself


def test_many_mistakes_are_a_sentence_that_can_be_read(ask: Ask, mine: Path) -> None:
    for folder in ("core", "trainer", "evaluator"):
        shutil.rmtree(mine / folder)
    answer = ask("plan", *AT, project="mine")
    assert answer.sentence.count("it is missing") == 3
    assert "(and 2 more)" in answer.sentence


def test_a_step_of_the_platform_needs_no_file_and_a_mistyped_one_is_told(mine: Path) -> None:
    for step in ("train", "evaluate"):
        (mine / "core" / f"{step}.py").unlink()
    (mine / "core" / "inference.py").rename(mine / "core" / "inferense.py")
    mistakes = [str(mistake) for mistake in find_mistakes(read_project("mine", mine.parent))]
    said = [mistake for mistake in mistakes if "core/" in mistake and "no step" in mistake]
    assert said == [
        "mine/core/inferense.py: no step has this name, so nothing runs it: there are load, preprocess, train, "
        "evaluate, inference"
    ]
    assert not [mistake for mistake in mistakes if "it is missing" in mistake and "core/" in mistake]


def test_what_is_only_untidy_stops_nothing(ask: Ask, mine: Path) -> None:
    (mine / "trainer" / "helpers.py").write_text("class A: ...\n")
    assert ask("plan", *AT, project="mine").status == 0


def test_a_mistake_of_one_config_stops_no_other(ask: Ask, mine: Path) -> None:
    (mine / "configs" / "c.py").write_text("nonsense(\n")
    answer = ask("plan", *AT, project="mine")
    assert {config: found["status"] for config, found in answer.json["results"].items()} == {
        "a": "done", "b": "done", "c": "failed",
    }  # fmt: skip


def test_a_config_that_does_not_fit_together_is_told_before_anything_runs(ask: Ask, mine: Path) -> None:
    text = (mine / "configs" / "a.py").read_text()
    (mine / "configs" / "c.py").write_text(
        f"{text}\n\nclass Monitoring(_toy.Monitoring):\n    baseline = 'rule_zeroo'\n"
    )
    answer = ask("data", "--config", "c", *AT, project="mine")
    assert answer.status == 2
    assert "mine/configs/c.py, class Monitoring, key baseline: there is no naive rule 'rule_zeroo'" in answer.sentence
    (mine.parent / "dags").mkdir()
    (mine.parent / "dags" / "mine_train_wf.py").write_text('schedule = on_clock("0 3 * * 1")\n')
    told = "\n".join(map(str, check_project("mine", mine.parent)))
    assert "there is no naive rule 'rule_zeroo', did you mean rule_zero?" in told
    assert (
        "dags/mine_train_wf.py, line 1: a is trained again after 7 days, and an alarm on a new champion takes " in told
    )


@pytest.mark.parametrize(
    ("cron", "policy", "is_early"),
    [
        ("5 4 1 * *", {}, False),  # 28 days at the shortest, and 21 to an alarm
        ("5 4 1,15 * *", {}, True),
        ("5 4 1,15 * *", {"promote": "person"}, False),
        ("5 4 1,15 * *", {"renew": "once"}, False),
        ("@daily", {}, False),  # it can't be read, so that nothing is said of it
    ],
)
def test_trainings_that_leave_no_time_for_an_alarm_are_told(
    tmp_path: Path, cron: str, policy: dict[str, str], is_early: bool
) -> None:
    spec = load_spec("visits", "shop")
    spec = replace(spec, train=spec.train.model_copy(update=policy))
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "visits_train_wf.py").write_text(f'with workflow(on_clock("{cron}")): ...\n')
    told = find_early_training(spec, tmp_path)
    assert (told is not None) == is_early
    if told:
        assert "takes 21 (Data.label_delay of 7, and Monitoring.k = 2 windows of window_days = 7)" in str(told)


def test_rows_that_hang_together_and_scores_without_a_loss_are_told(demand: Spec, tmp_path: Path) -> None:
    folder = tmp_path / "tree" / demand.project
    spoil_file(folder / "preprocessor" / "preprocess.py", "**mended,", '**mended, "price": mended["price"] * len(raw),')
    spoil_file(folder / "evaluator" / "evaluate.py", "return score_numbers(truth, predicted)", 'return {"mae": 1.0}')
    scores, rows = [str(mistake) for mistake in check_project(demand.project, tmp_path / "tree")]
    assert "evaluator/evaluate.py: score returns no 'loss' (mae): add it" in scores
    assert "read_rows makes" in rows


def spoil_file(path: Path, text: str, spoilt: str) -> None:
    assert text in path.read_text()
    path.write_text(path.read_text().replace(text, spoilt))


def test_a_bad_name_is_told(ask: Ask, mine: Path) -> None:
    mine.rename(mine.parent / "mine_data")
    answer = ask("plan", *AT, project="mine_data")
    assert answer.status == 2
    assert "mine_data can't be a project: a name that ends in _data" in answer.sentence


@pytest.mark.parametrize("body", ["import time\ntime.sleep(60)\n", "def f():\n    while True: pass\nf()\n"])
@pytest.mark.parametrize("file", ["core/load.py", "configs/c.py"])
def test_an_import_without_end_ends_with_a_sentence(
    ask: Ask, mine: Path, monkeypatch: pytest.MonkeyPatch, file: str, body: str
) -> None:
    monkeypatch.setattr(import_limit, "SECONDS", 0.5)
    (mine / file).write_text(body)
    started = time.monotonic()
    answer = ask("data", "--step", "load", *AT, project="mine")
    assert time.monotonic() - started < 20
    assert answer.status == 2
    assert f"mine/{file} has not finished importing after 0.5 s: a file may only define things" in answer.sentence


@pytest.mark.parametrize("body", ["raise SystemExit(3)\n", "import sys\nsys.exit()\n", "import sys\nsys.exit('bye')\n"])
def test_an_import_that_ends_python_is_a_sentence(ask: Ask, mine: Path, body: str) -> None:
    (mine / "core" / "load.py").write_text(body)
    answer = ask("data", "--step", "load", *AT, project="mine")
    assert answer.status == 1
    assert "mine/core/load.py can't be imported: it met SystemExit" in answer.sentence
    (mine / "configs" / "c.py").write_text(body)
    with pytest.raises(UsageError, match=r"mine/configs/c\.py, line \d, could not be read: SystemExit"):
        load_spec("mine", "c")


def test_the_limit_lets_go_of_what_is_in_time_and_of_the_signal() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with limit_import(30):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        with limit_import(0.01):  # an import inside of one has its time
            time.sleep(0.05)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before


def test_code_that_catches_everything_is_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_limit, "AGAIN", 0.02)
    caught: list[BaseException] = []

    def import_stubbornly() -> None:
        with limit_import(0.02):
            while len(caught) < 3:
                try:
                    time.sleep(5)
                except BaseException as error:
                    caught.append(error)
            time.sleep(5)

    with pytest.raises(ImportTooLongError):
        import_stubbornly()
    assert len(caught) == 3


def test_without_a_main_thread_there_is_no_limit() -> None:
    done: list[str] = []

    def import_there() -> None:
        with limit_import(0.01):
            time.sleep(0.05)
        done.append(Project("toy").step("load").__name__)

    thread = threading.Thread(target=import_there)
    thread.start()
    thread.join()
    assert done == ["load"]


@pytest.fixture
def neighbours(tmp_path: Path) -> Path:
    """A house whose other folders are as bad as can be."""
    for name in ("good", "My-Project", "한글", "broken", "dangling", "folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "good" / "run.py").write_text("")
    (tmp_path / "My-Project" / "run.py").write_text("")
    (tmp_path / "한글" / "run.py").write_text("")
    (tmp_path / "broken" / "run.py").write_bytes(b"\0\xff")
    (tmp_path / "dangling" / "run.py").symlink_to("nowhere")
    (tmp_path / "dangling" / "loop").symlink_to("loop")
    (tmp_path / "folder" / "run.py").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "run.py").write_text("")
    (tmp_path / "closed").mkdir(mode=0)
    return tmp_path


def test_a_broken_neighbour_is_in_nobodys_way(neighbours: Path) -> None:
    try:
        assert list_projects(neighbours) == ["My-Project", "broken", "good", "한글"]
    finally:
        (neighbours / "closed").chmod(0o700)


def test_an_environment_that_can_not_be_built_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bad", "good"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.py").write_text("")
        (tmp_path / name / "requirements.txt").write_text("")
    (tmp_path / "bad" / ".venv.lock").mkdir()
    monkeypatch.setattr("service.contract.own_environment._build", lambda *_: None)
    assert build_all(tmp_path) == 2
    out, err = capsys.readouterr()
    assert "bad/.venv can't be built" in err
    assert "good: its own environment is ready" in out


def test_beside_a_broken_project_the_others_run(tmp_path: Path) -> None:
    """By the command line, as a task of Airflow does it."""
    tree = Tree(tmp_path)
    for name in ("good", "bad"):
        assert tree.type("-m", "service.cli.new_project", name)[0] == 0
    (tree.root / "bad" / "core" / "load.py").write_text("import sys\nsys.exit(0)\n")
    (tree.root / "bad" / "trainer" / "train.py").write_text("nonsense(")
    status, out, log = tree.type("-m", "bad.run", "plan", *AT)
    assert status == 2
    assert "bad/core/load.py: it has no function load" in log
    for arguments in (["plan", *AT], ["data", *AT]):
        status, out, log = tree.type("-m", "good.run", *arguments)
        assert status == (0 if arguments[0] == "plan" else 99), log
    assert "import or generate some first" in out


def test_a_dag_file_that_can_not_be_read_is_its_own_projects(tmp_path: Path) -> None:
    """Each file is parsed by itself, so that Airflow shows an import error for it, and all other DAGs."""
    pytest.importorskip("airflow")
    from tests.dags.parsed import KEPT

    tree = Tree(tmp_path)
    for name in ("good", "bad"):
        assert tree.type("-m", "service.cli.new_project", name)[0] == 0
    (tree.root / "dags" / "bad_train_wf.py").write_text("import airflow, dag\nimport sys\nsys.exit(1)\n")
    (tree.root / "dags" / "bad_data_wf.py").write_text("from airflow.sdk import DAG\nnonsense(")
    shutil.rmtree(tree.root / "bad" / "core")
    program = ROOT / "tests" / "dags" / "describe_dags.py"
    known = {name: os.environ[name] for name in KEPT if name in os.environ}
    settings = {"AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    status, out, log = tree.type("-W", "ignore", str(program), str(tree.root / "dags"), **known | settings)
    assert status == 0, log
    import json

    told = json.loads(out.splitlines()[-1])
    names = {"bad_inference", "bad_monitoring", *(f"good_{k}" for k in ("data", "train", "inference", "monitoring"))}
    assert set(told["dags"]) == names
    assert {Path(file).name for file in told["errors"]} == {"bad_data_wf.py", "bad_train_wf.py"}
