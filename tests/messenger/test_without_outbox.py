"""A database that is lost is told of without the outbox, which is in it."""

import os
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db_handler.connection.database import Database
from messenger import __main__ as sender
from messenger.failure_alert import tell_failure
from messenger.send import open_messenger
from messenger.without_outbox import BETWEEN, TO_NEXT_TRY, tell_lost_database
from tests.messenger.slack_stand_in import CHANNEL, TOKEN, SlackStandIn

PASSWORD = "canary"


@pytest.fixture
def marks(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def account(slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch) -> SlackStandIn:
    for name, value in {"BOT_TOKEN": TOKEN, "CHANNEL": CHANNEL, "API_URL": slack.api_url}.items():
        monkeypatch.setenv(f"SLACK_{name}", value)
    return slack


def fail() -> None:
    tell_failure(project="toy", config="a", step="load", at="2026-11-20T00:05Z", sentence="toy.a: it is away")


def let_pass(marks: Path, span: timedelta) -> None:
    """Let the time go on for the mark."""
    (mark,) = marks.glob("quartet-*")
    until = mark.stat().st_mtime - span.total_seconds()
    os.utime(mark, (until, until))


def test_a_failure_whose_database_is_away_is_told_once_an_hour(
    marks: Path, account: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTET_DATABASE_URL", f"mysql+pymysql://writer:{PASSWORD}@127.0.0.1:9/quartet")
    for _ in range(3):
        fail()
    (text,) = account.texts
    assert "the database can't be used" in text
    assert "can't be reached" in text
    assert "toy.a: load failed" in text
    assert PASSWORD not in text
    let_pass(marks, BETWEEN)
    fail()
    assert len(account.texts) == 2
    let_pass(marks, -400 * BETWEEN)  # a clock that was ahead
    fail()
    assert len(account.texts) == 3


def test_it_is_tried_again_where_slack_was_away_as_well(marks: Path, account: SlackStandIn) -> None:
    account.faults = ["500"]
    tell_lost_database("gone")
    tell_lost_database("gone")
    assert account.requests == 1
    let_pass(marks, TO_NEXT_TRY)
    tell_lost_database("gone")
    assert len(account.texts) == 1


def test_where_nothing_can_be_written_or_sent_nothing_is_raised(
    marks: Path, account: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(marks / "gone"))
    tell_lost_database("gone")
    assert len(account.texts) == 1
    monkeypatch.delenv("SLACK_CHANNEL")
    tell_lost_database("gone")
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    tell_lost_database("gone")
    assert account.requests == 1


def test_the_sender_tells_of_a_lost_database_and_goes_on_when_it_is_back(
    database: Database, home: Path, marks: Path, account: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_messenger(database).put("one", "toy", datetime(2026, 11, 20, tzinfo=UTC), "kept before", urgency="alert")
    database.close()
    whole = (home / "quartet.db").read_bytes()
    (home / "quartet.db").write_bytes(b"no database" * 1000)
    monkeypatch.setattr(sender, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(sender, "PATIENCE_SECONDS", 0.1)
    over = threading.Event()
    thread = threading.Thread(target=sender.send_until, args=(over,))
    thread.start()
    try:
        wait_for(account, 1)
        assert "is no SQLite database or is damaged" in account.texts[0]
        (home / "quartet.db").write_bytes(whole)
        wait_for(account, 2)
        assert account.texts[1] == "kept before"
    finally:
        over.set()
        thread.join()


def wait_for(slack: SlackStandIn, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(slack.texts) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
