"""A stand-in for Slack, an outbox in a folder of its own, and a clock that only tests move."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_stand_in import SlackStandIn

from db_handler.clock import VirtualClock
from db_handler.database import Database, open_database
from db_handler.settings import HouseSettings

START = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_slack_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_WEBHOOK_URL", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as server:
        yield server


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(HouseSettings(home=tmp_path, database_url=None)) as opened:
        yield opened
