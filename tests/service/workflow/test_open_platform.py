"""What a command is for: its moment, and what called for it."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from db_handler.connection.database import Database
from service.cli.run_command import run_command
from tests.messenger.slack_stand_in import SlackStandIn
from tests.service.toy_world import START, open_toy


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    status = run_command("toy", arguments)
    return status, json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_step_alone_goes_on_with_the_newest_work_of_the_step_before(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    open_toy(database)
    moments = [f"{START.replace(month=month):%Y-%m-%dT%H:%MZ}" for month in (4, 5)]
    for moment in moments:
        assert run(capsys, "train", "--step", "train", "--config", "a", "--at", moment, "--cause", "clock")[0] == 0
    status, found = run(capsys, "train", "--step", "evaluate", "--config", "a")
    assert (status, found["at"]) == (0, moments[1])
    status, found = run(capsys, "train", "--step", "evaluate", "--config", "a", "--at", moments[0])
    assert (status, found["at"]) == (0, moments[0])
    status, found = run(capsys, "train", "--step", "promote", "--config", "a", "--at", moments[0])
    assert found["results"]["a"]["promote"]["verdict"] == "promoted"


def test_without_the_step_before_it_is_not_yet(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    open_toy(database)
    status, found = run(capsys, "train", "--step", "promote", "--config", "a")
    assert status == 99
    assert "train is not done" in found["results"]["a"]["promote"]["error"]


def test_slack_hears_of_a_database_that_a_command_of_the_clock_can_not_open(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    home.mkdir(exist_ok=True)
    (home / "quartet.db").write_bytes(b"no database" * 1000)
    monkeypatch.delenv("QUARTET_ALERTS", raising=False)
    with SlackStandIn() as slack:
        monkeypatch.setenv("SLACK_WEBHOOK_URL", slack.hook_url)
        assert run(capsys, "data")[0] == 1  # a person reads the sentence
        assert slack.texts == []
        assert [run(capsys, "data", "--cause", "clock")[0] for _ in range(2)] == [1, 1]
        (text,) = slack.texts
    assert "is no SQLite database or is damaged" in text


def test_the_future_is_refused(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    open_toy(database)
    status, found = run(capsys, "data", "--at", "2999-01-01")
    assert status == 2
    assert "is in the future" in found["error"]
