"""What a schedule asks beforehand: the champion of each config, and an error where that can't be known."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.ledger.virtual_now import begin_virtual_time, read_virtual_now
from service.cli.run_command import run_command
from service.step.platform import Platform
from service.workflow.run_kind import run_kind, run_verb
from tests.service.toy_world import DAY, START, open_toy

TOY = Path(__file__).resolve().parents[2] / "projects" / "toy"
AT = START + 100 * DAY
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def toy(database: Database) -> Platform:
    return open_toy(database)


@pytest.fixture
def ask(database: Database, capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(*arguments: str, project: str = "toy") -> tuple[int, dict[str, Any]]:
        status = run_command(project, arguments)
        return status, json.loads(capsys.readouterr().out.splitlines()[-1])

    return ask


def plan(toy: Platform, at: Any, now: Any = None) -> dict[str, Any]:
    toy.forget(at)
    found = run_verb(toy, "plan", ["a", "b"], at=at, now=now or at)
    return {config: outcome.to_plain() for config, outcome in found.items()}


def test_a_config_without_a_champion_needs_a_training_and_after_it_none(toy: Platform) -> None:
    missing = {"status": "done", "champion": None, "past": False, "needs_training": True}
    assert plan(toy, AT) == {"a": missing, "b": missing}
    run_kind(toy, "train", ["a"], at=AT, now=AT, cause="clock")
    assert plan(toy, AT) == {"a": {"status": "done", "champion": 1, "past": False, "needs_training": False},
                             "b": missing}  # fmt: skip


def test_a_past_moment_never_needs_a_training_and_has_the_champion_of_then(toy: Platform) -> None:
    run_kind(toy, "train", ["a"], at=AT, now=AT, cause="clock")
    found = plan(toy, AT - DAY, now=AT + 30 * DAY)
    assert found["a"] == {"status": "done", "champion": None, "past": True, "needs_training": False}
    assert plan(toy, AT + DAY, now=AT + 30 * DAY)["a"]["champion"] == 1


def test_an_mlflow_that_can_not_be_asked_is_an_error_and_no_missing_champion(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    status, found = ask("plan")
    assert (status, found["status"]) == (1, "failed")
    for result in found["results"].values():
        assert result.keys() == {"status", "error"}
        assert result["status"] == "failed"
        assert "connection refused" in result["error"]


def test_a_setting_that_is_wrong_is_bad_usage(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "./mlruns")
    status, found = ask("plan")
    assert (status, found["results"]) == (2, {})


def test_it_moves_the_virtual_now_as_a_kind_does(ask: Ask, database: Database) -> None:
    with database.begin() as connection:
        begin_virtual_time(connection, START)
    status, found = ask("plan", "--config", "a", "--at", AT.isoformat())
    assert (status, found["at"], list(found["results"])) == (0, "2025-04-11T00:00Z", ["a"])
    with database.begin() as connection:
        assert read_virtual_now(connection) == AT
    assert ask("plan", "--at", (AT - timedelta(days=3)).isoformat())[1]["results"]["a"]["past"] is True


@pytest.fixture
def own_toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the toy that a test may break."""
    shutil.copytree(TOY, tmp_path / "ourtoy", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "ourtoy").rglob("*.py"):
        path.write_text(path.read_text().replace("from toy.", "from ourtoy."))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path / "ourtoy"
    for name in [name for name in sys.modules if name.partition(".")[0] == "ourtoy"]:
        del sys.modules[name]


@pytest.mark.parametrize("arguments", [(), ("--config", "b", "c"), ("--at", "2025-01-01")])
def test_a_broken_config_is_named_and_the_others_go_on(ask: Ask, own_toy: Path, arguments: tuple[str, ...]) -> None:
    (own_toy / "configs" / "c.py").write_text("import nosuch\n")
    status, found = ask("plan", *arguments, project="ourtoy")
    assert (status, found["status"]) == (1, "failed")
    assert found["results"]["c"]["status"] == "failed"
    assert "configs/c.py, line 1, could not be read" in found["results"]["c"]["error"]
    assert found["results"]["b"]["status"] == "done"
    assert found["at"]


def test_with_all_configs_broken_all_are_named(ask: Ask, own_toy: Path) -> None:
    for name in ("a", "b"):
        (own_toy / "configs" / f"{name}.py").write_text("nonsense(\n")
    status, found = ask("plan", "--at", "2025-01-01", project="ourtoy")
    assert (status, found["at"]) == (1, "2025-01-01T00:00Z")
    assert [result["status"] for result in found["results"].values()] == ["failed", "failed"]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("plan --config c", "toy has no config 'c'"),
        ("plan --step train", "plan has no steps: leave --step out"),
        ("plan --at 2999-01-01", "is in the future"),
        ("announce", "announce needs --at: the moment at which the step monitor ran"),
    ],
)
def test_bad_usage(ask: Ask, typed: str, says: str) -> None:
    status, found = ask(*typed.split())
    assert status == 2
    assert says in found["error"]


def test_a_version_that_waits_for_a_person_needs_no_other_training(toy: Platform) -> None:
    run_kind(toy, "train", ["b"], at=AT, now=AT, cause="clock")
    assert plan(toy, AT + 30 * DAY)["b"] == {"status": "done", "champion": None, "past": False, "needs_training": False}


def test_after_a_judgement_the_next_first_training_waits_for_the_cool_down(toy: Platform) -> None:
    early = START + 16 * DAY
    found = run_kind(toy, "train", ["a"], at=early, now=early, cause="clock")["a"]
    assert found.results["promote"]["verdict"] == "too_early"
    assert not plan(toy, early + 6 * DAY)["a"]["needs_training"]
    assert plan(toy, early + 7 * DAY)["a"]["needs_training"]
