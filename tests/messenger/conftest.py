"""A stand-in for Slack, and a clock that only tests move."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from db_handler.clock import VirtualClock
from tests.messenger.slack_stand_in import SlackStandIn

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
