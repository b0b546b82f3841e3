"""A project's door: each mistake is one sentence with the right exit status, and the last line is always JSON."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.ledger.runs import read_runs
from db_handler.rows.single_rows import list_rows
from tests.service.answer import Ask

ROOT = Path(__file__).resolve().parents[3]
TOY = ROOT / "tests" / "projects" / "toy"
LOAD = ("data", "--step", "load")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            "",
            "say what to run: data, train, inference, monitoring, promote, rollback, resume, import, generate, plan, "
            "announce; "
            "--help",
        ),
        ("trian", "there is no kind 'trian': did you mean train?"),
        ("xyz", "there is no kind 'xyz': there are data, train"),
        ("train --step evalute", "train has no step 'evalute': did you mean evaluate?"),
        ("train --step load", "train has no step 'load': it is a step of data"),
        ("rollback --step load", "rollback has no steps: leave --step out"),
        ("data --config c", "toy has no config 'c', write one of these. Its configs: a, b"),
        ("data --config a bb", "toy has no config 'bb', did you mean b? Its configs: a, b"),
        ("data --config", "--config: expected at least one argument"),
        ("data --at yesterday", "--at 'yesterday' is no date: write it like 2026-11-20T00:00Z"),
        ("data --at 1066-10-14", "--at '1066-10-14' is before 1970: write it like"),
        ("data --at 2999-01-01", "--at 2999-01-01T00:00Z is in the future: it is 20"),
        ("data --cause two,words;", None),
        ("data --cause é", "--cause is person, clock, or the id of a decision"),
        ("data --foo 1", "unrecognized arguments: --foo 1; --help shows what can be asked"),
        ("data --conf a", "unrecognized arguments: --conf a"),
        ("train --file a.csv", "train takes no --file: that is for import"),
        ("data --from 2025-01-01", "data takes no --from: that is for import and generate"),
        ("data --force because", "data takes no --force: that is for train and promote"),
        ("train --force=", "--force wants a sentence of at most 500 letters"),
        ("import --file a.csv --drift 2025-01-01", "import takes no --drift: that is for generate"),
        ("import --file a.csv --seed 1", "import takes no --seed: that is for generate"),
        ("generate --file a.csv", "generate takes no --file: that is for import"),
        ("import --step load", "import has no steps: leave --step out"),
        ("import", "import needs --file: the CSV file to read, or - for standard input"),
        ("import --file=", "import needs --file"),
        ("import --file a --from 2025-01-01", "import takes --from and --to together"),
        (
            "import --file a --from 2025-02-30 --to 2025-03-01",
            "--from '2025-02-30' is no day: write it like 2025-01-31",
        ),
        ("import --file a --delay=-1", "--delay '-1' is no whole number from 0 to 36500"),
        ("generate", "generate needs --from and --to: the first and the last day"),
        ("generate --from 2025-01-02 --to 2025-01-01", "--from 2025-01-02 is after --to 2025-01-01"),
        ("generate --from 2025-01-01 --to 2025-13-01", "--to '2025-13-01' is no day"),
        ("generate --from 1000-01-01 --to 2025-01-01", "--from '1000-01-01' is not between 1970-01-01 and 2199-12-31"),
        ("generate --from 2000-01-01 --to 2025-01-01", "from 2000-01-01 to 2025-01-01 is more than 20 years"),
        ("generate --from 2025-01-01 --to 2025-01-02 --at 2025-01-01", "generate takes no --at: --from and --to"),
        ("generate --from 2025-01-01 --to 2025-01-02 --seed x", "--seed 'x' is no whole number"),
        ("import --file a.csv", "toy has no tables to fill from a file or with practice data (Data.sources): k=data"),
        ("generate --from 2025-01-01 --to 2025-01-02", "toy has no tables to fill from a file or with practice data"),
    ],
)
def test_what_is_mistyped(ask: Ask, typed: str, says: str | None) -> None:
    answer = ask(*typed.split())
    if says is None:
        assert answer.status in (0, 99)
        return
    assert answer.status == 2
    assert says in answer.sentence
    assert answer.json["results"] == {}
    assert answer.log.count(answer.sentence) == 1
    assert "\n" not in answer.sentence


def test_a_project_that_is_not_there(ask: Ask) -> None:
    answer = ask("data", project="toyy")
    assert (answer.status, answer.sentence) == (
        2, "there is no project 'toyy': a project is a folder with a folder configs in it"
    )  # fmt: skip


def test_what_works_is_one_line_of_json_and_its_unit_is_named_once(ask: Ask) -> None:
    answer = ask(*LOAD, "--at", "2025-01-01", "--config", "a", "a")
    assert answer.json == {
        "status": "done", "at": "2025-01-01T00:00Z", "results": {"a": {"status": "done", "load": {"rows": 0}}}
    }  # fmt: skip
    assert answer.log.count("toy.a") == 1


def test_not_yet_is_99_with_its_sentence(ask: Ask) -> None:
    answer = ask("train", "--config", "a")
    assert answer.status == 99
    assert answer.json["results"]["a"]["train"]["error"] == "toy.a: only 0 rows to train on, 10 wanted"
    assert "toy.a train not yet: only 0 rows" in answer.log


def test_a_step_without_its_predecessor_is_not_yet(ask: Ask) -> None:
    answer = ask("data", "--step", "check", "--at", "2025-01-01", "--config", "a")
    assert (answer.status, answer.json["results"]["a"]["status"]) == (99, "not_yet")


def test_one_config_fails_and_the_others_run(ask: Ask) -> None:
    answer = ask(*LOAD, "--at", "1999-01-01")
    assert answer.status == 1
    assert {name: found["status"] for name, found in answer.json["results"].items()} == {"a": "failed", "b": "done"}


def test_a_step_without_a_date_takes_the_newest_of_the_step_before(ask: Ask) -> None:
    ask("data", "--step", "load", "--at", "2025-01-05", "--config", "a")
    answer = ask("data", "--step", "preprocess", "--config", "a")
    assert answer.json["at"] == "2025-01-05T00:00Z"
    assert "taking 2025-01-05T00:00Z" in answer.log


def garble(home: Path) -> None:
    for leftover in home.glob("quartet.db-*"):
        leftover.unlink()
    (home / "quartet.db").write_bytes(os.urandom(9000))


def make_newer(home: Path) -> None:
    with sqlite3.connect(home / "quartet.db") as connection:
        connection.execute("UPDATE quartet_version SET version_num = '9999'")
    connection.close()


def move(home: Path) -> None:
    (home / ".quartet-home").write_text("/elsewhere")


@pytest.mark.parametrize(
    ("damage", "status", "says"),
    [
        (garble, 1, "is no SQLite database or is damaged; move the file away or restore it from a backup"),
        (make_newer, 2, "is at version 9999, which is newer than this code"),
        (move, 2, "was made at /elsewhere, and its files know that path: move it back there"),
        (lambda home: (shutil.rmtree(home), home.touch()), 2, "(it is a file); set QUARTET_HOME to a folder"),
    ],
)
def test_a_home_that_can_not_be_used(
    ask: Ask, home: Path, damage: Callable[[Path], object], status: int, says: str
) -> None:
    damage(home)
    answer = ask(*LOAD)
    assert answer.status == status
    assert str(home) in answer.sentence
    assert says in answer.sentence


@pytest.mark.parametrize(
    ("settings", "status", "says"),
    [
        ({"QUARTET_DATABASE_URL": "postgres://u:canary@h/db"}, 2, "begins with 'postgres', which is unknown"),
        ({"QUARTET_DATABASE_URL": "canary"}, 2, "QUARTET_DATABASE_URL is no database URL"),
        ({"QUARTET_DATABASE_URL": "mysql://u:canary@h/db?foo=canary"}, 2, "the option 'foo', which is unknown"),
        ({"QUARTET_DATABASE_URL": "mysql://u:canary@127.0.0.1:1/db"}, 75, "db on 127.0.0.1:1 can't be reached"),
        ({"QUARTET_DATABASE_URL": "sqlite:////nodir/x.db"}, 1, "/nodir/x.db can't be opened; check that its folder"),
        ({"QUARTET_HOME": "/proc/home"}, 2, "/proc/home can't be written"),
        ({"SLACK_BOT_TOKEN": "canary"}, 2, "SLACK_BOT_TOKEN is set but SLACK_CHANNEL is not"),
        ({"SLACK_WEBHOOK_URL": "canary"}, 2, "SLACK_WEBHOOK_URL is not an address"),
    ],
)
def test_a_setting_that_can_not_be_used(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], status: int, says: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    answer = ask(*LOAD)
    assert answer.status == status
    assert says in answer.sentence
    assert "canary" not in answer.log + str(answer.json)


def test_a_setting_that_only_a_step_reads_is_said_once_and_starts_nothing(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "./mlruns")
    answer = ask("inference")
    assert (answer.status, answer.json["results"]) == (2, {})
    assert answer.log.count("MLFLOW_TRACKING_URI is './mlruns', which is no place for MLflow here") == 1
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert ask("inference", "--config", "a").status == 99


def test_an_mlflow_that_is_damaged(ask: Ask, home: Path) -> None:
    (home / "mlflow.db").write_text("no database")
    answer = ask("inference", "--config", "a")
    assert answer.status == 1
    assert f"{home}/mlflow.db can't be used" in answer.json["results"]["a"]["inference"]["error"]


def test_an_mlflow_that_is_away_is_asked_again_later(
    ask: Ask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    answer = ask("inference", "--config", "a")
    assert (answer.status, answer.json["status"]) == (75, "away")
    assert "(connection refused)" in answer.log
    with database.begin() as connection:
        assert {row.status for row in read_runs(connection, project="toy")} == {"away"}


def test_slack_that_refuses_stops_nothing(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TOKEN": "SLACK_BOT_TOKEN",
        "c": "SLACK_CHANNEL",
        "http://127.0.0.1:1": "SLACK_API_URL",
    }.items():
        monkeypatch.setenv(value, name)
    answer = ask(*LOAD, "--at", "1999-01-01")
    assert answer.json["results"]["b"]["status"] == "done"
    assert "Slack could not be reached (connection refused); the message is kept" in answer.log


@pytest.fixture
def own_toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the toy that a test may break."""
    shutil.copytree(TOY, tmp_path / "mytoy", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "mytoy").rglob("*.py"):
        path.write_text(path.read_text().replace("from toy.", "from mytoy."))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path / "mytoy"
    for name in [name for name in sys.modules if name.partition(".")[0] == "mytoy"]:
        del sys.modules[name]


HEAD = "from mytoy.configs import _toy\n\nclass Data(_toy.Data):\n    series = "


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + '"c"\n    serise = "d"\n', "configs/c.py, class Data: unknown key serise, did you mean series?"),
        (HEAD + "5\n", "configs/c.py, class Data, key series: input should be a valid string, not 5"),
        (
            HEAD + '"c"\n\nclass Trian(_toy.Train): ...\n',
            "class Trian: there is no section of that name, did you mean Train?",
        ),
        (HEAD + '"c\n', "configs/c.py, line 4: unterminated string literal"),
        ("import nosuch\n", "configs/c.py, line 1, could not be read: ModuleNotFoundError: No module named 'nosuch'"),
        ("raise SystemExit(3)\n", "configs/c.py, line 1, could not be read: SystemExit: 3"),
        (
            HEAD + '"c"\n    raw = _toy.Table(name="c", columns={}, key=("k",))\n',
            "configs/c.py, line 5, could not be read: Table: c has no column 'k'; it has",
        ),
        ("", "configs/c.py: class Data is missing"),
    ],
)
def test_a_broken_config_is_named_and_stops_no_other(ask: Ask, own_toy: Path, text: str, says: str) -> None:
    (own_toy / "configs" / "c.py").write_text(text)
    for arguments in (LOAD, (*LOAD, "--config", "c"), (*LOAD, "--config", "a", "c")):
        answer = ask(*arguments, project="mytoy")
        assert answer.status == 2
        assert says in answer.sentence
    assert ask(*LOAD, "--config", "a", project="mytoy").status == 0


def test_what_ends_a_command_of_the_clock_as_a_whole_is_told_once_a_day(
    ask: Ask, own_toy: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_toy / "configs" / "c.py").write_text("import nosuch\n")
    monkeypatch.setenv("QUARTET_ALERTS", "later")
    ask("data", "--cause", "clock", project="mytoy")
    monkeypatch.delenv("QUARTET_ALERTS")
    ask("data", project="mytoy")
    with database.begin(writing=False) as connection:
        assert list_rows(connection, MESSAGE) == []
    for kind in ("data", "inference"):
        assert ask(kind, "--cause", "clock", "--at", "2025-01-02", project="mytoy").status == 2
    with database.begin(writing=False) as connection:
        (message,) = list_rows(connection, MESSAGE)
    assert message["message_id"] == "failure:mytoy.None:run:2025-01-02"
    assert message["text"].startswith("❌ mytoy: run failed")
    assert "configs/c.py, line 1, could not be read" in message["text"]


def test_a_project_without_configs(ask: Ask, own_toy: Path) -> None:
    for path in own_toy.glob("configs/[ab].py"):
        path.unlink()
    answer = ask(*LOAD, project="mytoy")
    assert (answer.status, answer.sentence) == (
        2, "mytoy has no configs yet: add a file to mytoy/configs, such as my_first.py"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        ("def load(:\n", 2, "core/load.py, line 1: invalid syntax; mend it and run again"),
        ("import nosuch\n", 1, "mytoy/core/load.py needs the module 'nosuch', which is not installed"),
        ("import mytoy.trainer.lod\n", 1, "there is no mytoy/trainer/lod.py, so add it or mend the name"),
        ("", 1, "mytoy/core/load.py has no function load: add it"),
        ("1 / 0\n", 1, "mytoy/core/load.py can't be imported: it met ZeroDivisionError in load.py, line 1"),
    ],
)
def test_a_broken_step_is_named(ask: Ask, own_toy: Path, text: str, status: int, says: str) -> None:
    (own_toy / "core" / "load.py").write_text(text)
    answer = ask(*LOAD, project="mytoy")
    assert answer.status == status
    assert says in answer.sentence
    if status == 1:
        assert [result["status"] for result in answer.json["results"].values()] == ["failed", "failed"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 5", "mytoy.a: the function load must return a dict, not int"),
        ("raise SystemExit(3)", "mytoy.a: load met SystemExit in load.py, line 2: 3; QUARTET_DEBUG=1 shows"),
        ("raise MemoryError", "mytoy.a: load met MemoryError in load.py, line 2; QUARTET_DEBUG=1 shows"),
        (
            "raise ValueError('two\\nlines')",
            "mytoy.a: load met ValueError in load.py, line 2: two lines; QUARTET_DEBUG=1",
        ),
    ],
)
def test_a_step_that_ends_oddly_is_a_failure_of_its_config(ask: Ask, own_toy: Path, body: str, says: str) -> None:
    (own_toy / "core" / "load.py").write_text(f"def load(spec, run):\n    {body}\n")
    answer = ask(*LOAD, project="mytoy")
    assert answer.status == 1
    assert answer.json["results"]["a"]["load"]["error"].startswith(says)
    assert answer.json["results"]["b"]["status"] == "failed"


LEAVES = """import atexit, os
def load(spec, run):
    if spec.config == "a":
        os._exit(0)
    atexit.register(print, "Bye.")
    return {"child": os.waitpid(os.fork() or os._exit(0), 0)[1]}
"""


def test_a_step_that_leaves_without_a_word_is_no_success(own_toy: Path, database: Database) -> None:
    (own_toy / "core" / "load.py").write_text(LEAVES)
    ended = subprocess.run(
        [sys.executable, "-c", f"from service.cli.run_command import main; main('mytoy', {LOAD})"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(own_toy.parent)])},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    results = json.loads(ended.stdout.splitlines()[-1])["results"]
    assert results["a"]["load"]["error"].startswith(
        "mytoy.a: load met SystemExit in load.py, line 4: os._exit(0) would end the command without its result"
    )
    assert results["b"]["load"] == {"child": 0}
    assert "Bye." in ended.stderr  # what is printed at the end never stands behind the result


def test_a_bug_of_ours_is_one_sentence_too(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.workflow.open_platform.open_platform", lambda *_: 1 / 0)
    answer = ask(*LOAD)
    assert answer.status == 1
    assert answer.sentence.startswith("toy: met ZeroDivisionError in test_run_command.py, line")


@pytest.mark.parametrize(("stop", "status", "alerts"), [(signal.SIGTERM, 143, 1), (signal.SIGINT, 130, 0)])
def test_a_stop_from_outside_is_noted_and_the_next_run_goes_on(
    ask: Ask, database: Database, own_toy: Path, stop: signal.Signals, status: int, alerts: int
) -> None:
    step = "import os, time\ndef load(spec, run):\n    os.kill(os.getpid(), {})\n    time.sleep(9)\n    return {{}}\n"
    (own_toy / "core" / "load.py").write_text(step.format(int(stop)))
    answer = ask(*LOAD, project="mytoy")
    assert (answer.status, answer.sentence) == (status, f"stopped by {stop.name}; run it again to go on")
    with database.begin() as connection:
        assert [row.status for row in read_runs(connection, project="mytoy")] == ["failed"]
        waiting = connection.exec_driver_sql("SELECT count(*) FROM quartet_message").scalar()
    assert waiting == alerts
    assert ask(*LOAD).status == 0


def start(*arguments: str, code: str = "", **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", f"{code}\nfrom service.cli.run_command import main; main('toy')"]
    path = os.pathsep.join([str(ROOT), str(TOY.parent)])
    return subprocess.Popen(
        [*command, *arguments], text=True, stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}, **options
    )


@pytest.mark.parametrize("out", ["/dev/full", "closed", "pipe"])
def test_an_output_that_takes_nothing(ask: Ask, out: str) -> None:
    code = {"closed": "import sys; sys.stdout = None", "pipe": "import time; time.sleep(0.3)"}.get(out, "")
    with (
        Path("/dev/full" if out == "/dev/full" else os.devnull).open("w") as file,
        start(*LOAD, code=code, stdout=subprocess.PIPE if out == "pipe" else file, stderr=subprocess.PIPE) as process,
    ):
        if process.stdout:
            process.stdout.close()
        log = process.stderr.read() if process.stderr else ""
    assert "Traceback" not in log
    assert "BrokenPipe" not in log
    assert process.returncode == (1 if out == "/dev/full" else 0)
    assert ("can't be written to standard output: No space left" in log) == (out == "/dev/full")


def test_a_database_that_says_nothing_is_left_soon(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db_handler.connection.engine.LOGIN_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("QUARTET_DATABASE_URL", f"mysql://u:p@127.0.0.1:{silent.getsockname()[1]}/db")
        began = time.monotonic()
        answer = ask(*LOAD)
        assert time.monotonic() - began < 5
    assert answer.status == 75
    assert "can't be reached; check that it runs" in answer.sentence


def test_a_process_that_is_terminated_while_it_waits_ends_at_once(ask: Ask) -> None:
    process = start(*LOAD, code="import toy.core.load as l, time; l.load = lambda *_: time.sleep(60)",
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    timer = threading.Timer(4.0, process.terminate)
    timer.start()
    out, log = process.communicate(timeout=30)
    timer.cancel()
    assert process.returncode == 143
    assert json.loads(out.splitlines()[-1])["error"] == "stopped by SIGTERM; run it again to go on"
    assert "toy.a load failed: load was stopped from outside" in log
