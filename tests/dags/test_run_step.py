"""One step as a DAG runs it: which moment it is for, and what a project's exit status means to Airflow."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dags.parsed import ROOT

KEY = "2025-02-18T00:05:00Z"
Ask = Callable[..., dict[str, Any]]

# A project whose run.py writes down how it was called, then says and leaves as it was told.
RUN = """
import json, os, pathlib, sys
told = dict(word[2:].split("=", 1) for word in sys.argv[2:] if "=" in word)
account = {name: value for name, value in os.environ.items() if name.startswith(("MLFLOW", "AIRFLOW", "QUARTET_A"))}
pathlib.Path(__file__).with_name("called.json").write_text(json.dumps({"words": sys.argv[1:], "account": account}))
print("what a library prints")
print("a line of its log", file=sys.stderr)
if told.get("answer"):
    print(told["answer"])
status = int(told.get("status", 0))
sys.exit(status) if status >= 0 else os.kill(os.getpid(), -status)
"""
PASSWORDS = {"MLFLOW_TRAINER_PASSWORD": "t-word", "MLFLOW_READER_PASSWORD": "r-word"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projects")
    (folder / "spoken").mkdir()
    (folder / "spoken" / "__init__.py").touch()
    (folder / "spoken" / "run.py").write_text(RUN)
    return folder


@pytest.fixture(scope="module")
def ask(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask a process that has Airflow loaded, so that its settings and warnings stay out of this one."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "MLFLOW"))},
        **PASSWORDS,
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__FERNET_KEY": "of no concern to a step",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "dags"), str(ROOT), str(folder)]),
    }
    program = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("answer_requests.py"))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            program, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )

        def ask_it(do: str, **asked: Any) -> dict[str, Any]:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps({"do": do, **asked}) + "\n")
            process.stdin.flush()
            told: dict[str, Any] = json.loads(process.stdout.readline())
            return told

        yield ask_it
        process.communicate()


def run(ask: Ask, kind: str, answer: Any = None, status: int = 0, **told: str | None) -> dict[str, Any]:
    text = answer if isinstance(answer, str | None) else json.dumps(answer)
    tries = int(told.pop("tries", None) or 1)
    told = {"answer": text, "status": str(status), **told}
    return ask("run_project", project="spoken", kind=kind, tries=tries, told=told)


def read_call(folder: Path) -> dict[str, Any]:
    called: dict[str, Any] = json.loads((folder / "spoken" / "called.json").read_text())
    return called


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"params": {"at": "2025-01-01"}}, "2025-01-01"),
        ({"params": {"at": KEY}, "key": KEY}, KEY),
        ({"key": KEY}, KEY),
        ({}, "2025-03-01T03:00:00Z"),  # the run's own time, in UTC
    ],
)
def test_the_moment_is_the_param_else_the_key_else_the_run_s_own_time(ask: Ask, asked: dict[str, Any], at: str) -> None:
    assert ask("read_request", **asked)["returned"]["at"] == at


@pytest.mark.parametrize(
    ("asked", "cause"),
    [
        ({}, "clock"),
        ({"run_type": "backfill"}, "clock"),
        ({"run_type": "manual"}, "person"),
        ({"run_type": "manual", "params": {"cause": "p.btc:1:retrain"}}, "p.btc:1:retrain"),
    ],
)
def test_the_cause_is_what_was_handed_on_else_who_started_it(ask: Ask, asked: dict[str, Any], cause: str) -> None:
    assert ask("read_request", **asked)["returned"]["cause"] == cause


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_a_demo_is_never_run_for_a_moment_of_the_wall_clock(ask: Ask, run_type: str) -> None:
    told = ask("read_request", run_type=run_type, demo="1")
    assert told["raised"] == "AirflowFailException"
    assert told["said"].startswith("The demo lives in a time of its own, and this run has no moment of it: give at a")
    for moment in ({"params": {"at": KEY}}, {"key": KEY}):
        assert ask("read_request", run_type=run_type, demo="1", **moment)["returned"]["at"] == KEY


def test_a_moment_that_contradicts_the_key_is_refused_for_good(ask: Ask) -> None:
    told = ask("read_request", params={"at": "2025-01-01T00:05:00Z"}, key=KEY)
    assert told["raised"] == "AirflowFailException"
    assert told["said"].startswith(
        f"The run is for {KEY}, and at='2025-01-01T00:05:00Z' contradicts it: leave at empty"
    )


@pytest.mark.parametrize("asked", [{"conf": {"confg": "btc"}}, {"params": {"confg": "btc"}}])
def test_a_word_that_means_nothing_is_refused_for_good(ask: Ask, asked: dict[str, Any]) -> None:
    assert ask("read_request", **asked) == {
        "raised": "AirflowFailException",
        "said": "The run was given 'confg', which means nothing here: there are config, at, cause.",
    }


def test_done_returns_the_last_line_whatever_stands_before_it(ask: Ask, folder: Path) -> None:
    answer = {"status": "done", "results": {"a": {"status": "done", "rows": 3}}}
    assert run(ask, "data", answer, config="a, b", at=KEY, cause=None) == {"returned": answer}
    words = read_call(folder)["words"]
    assert words[0] == "data"
    assert words[-4:] == ["--config", "a", "b", f"--at={KEY}"]


def test_a_value_that_looks_like_an_option_stays_a_value(ask: Ask, folder: Path) -> None:
    run(ask, "data", {"status": "done"}, config="--at", cause="--step")
    assert read_call(folder)["words"][-2:] == ["--config=--at", "--cause=--step"]


FAILED = {"status": "failed", "results": {"a": {"status": "failed", "load": {"error": "a: the exchange is away."}}}}


@pytest.mark.parametrize(
    ("status", "answer", "raised", "said"),
    [
        (1, FAILED, "AirflowException", "a: the exchange is away."),  # may be better next time: Airflow tries again
        (2, {"status": "failed", "results": {}, "error": "there is no config 'doge'"}, "AirflowFailException", "doge"),
        (
            99,
            {"status": "not_yet", "results": {"a": {"train": {"error": "no rows yet"}}}},
            "AirflowSkipException",
            "no",
        ),
        (0, None, "AirflowException", "spoken train ended with status 0 and said nothing."),  # as os._exit leaves
        (75, {"status": "away", "results": {}, "error": "the database is away"}, "AirflowException", "is away"),
        (137, None, "AirflowException", "spoken train ended with status 137 and said nothing."),
        (137, None, "AirflowException", "It was killed, most often for want of memory"),
        (1, "no JSON {", "AirflowException", "spoken train ended with status 1 and said nothing."),
        (1, "[1]", "AirflowException", "spoken train ended with status 1 and said nothing."),
    ],
)
def test_what_an_exit_status_means(ask: Ask, status: int, answer: Any, raised: str, said: str) -> None:
    told = run(ask, "train", answer, status)
    assert told["raised"] == raised
    assert said in told["said"]


@pytest.mark.parametrize(
    ("status", "tries", "says"),
    [
        (1, 2, "ended with status 1"),
        (0, 2, "ended with status 0 and said nothing."),
        (-signal.SIGSEGV, 2, "Native code of a library crashed (SIGSEGV)."),
        (-signal.SIGABRT, 2, "Native code of a library crashed (SIGABRT)."),
        (-signal.SIGKILL, 3, "It was killed, most often for want of memory"),
        (143, 3, "ended with status 143"),
        (75, None, "ended with status 75"),
    ],
)
def test_how_often_what_ended_badly_is_tried(ask: Ask, status: int, tries: int | None, says: str) -> None:
    for tried in range(1, tries or 6):
        told = run(ask, "train", None, status, tries=str(tried))
        assert (told["raised"], says in told["said"]) == ("AirflowException", True)
    if tries:
        assert run(ask, "train", None, status, tries=str(tries))["raised"] == "AirflowFailException"


def test_a_plan_that_helped_some_configs_goes_on_and_one_that_helped_none_fails(ask: Ask) -> None:
    good, bad = {"status": "done", "champion": 3}, {"status": "failed", "error": "configs/b.py can't be read."}
    some = {"status": "failed", "at": KEY, "results": {"a": good, "b": bad}}
    for kind in ("plan", "announce"):
        assert run(ask, kind, some, 1) == {"returned": some}
    none = {"status": "failed", "at": KEY, "results": {"b": bad}}
    assert run(ask, "plan", none, 1) == {"raised": "AirflowException", "said": "configs/b.py can't be read."}
    assert run(ask, "data", some, 1)["raised"] == "AirflowException"


@pytest.mark.parametrize(
    ("kind", "user", "password"),
    [
        ("train", "trainer", "t-word"),
        ("monitoring", "trainer", "t-word"),
        ("inference", "reader", "r-word"),
        ("data", "reader", "r-word"),
        ("plan", "reader", "r-word"),
    ],
)
def test_a_step_gets_one_account_of_mlflow_and_nothing_of_airflow(
    ask: Ask, folder: Path, kind: str, user: str, password: str
) -> None:
    run(ask, kind, {"status": "done"})
    assert read_call(folder)["account"] == {
        "MLFLOW_TRACKING_USERNAME": user,
        "MLFLOW_TRACKING_PASSWORD": password,
        "QUARTET_ALERTS": "later",
    }


def test_what_a_step_says_on_its_way_stands_in_the_task_s_log(ask: Ask, folder: Path) -> None:
    run(ask, "data", {"status": "done"})
    assert "a line of its log" in (folder / "log").read_text()
