"""Slack is away for an hour: the outbox keeps what is for it, and then sends each message once."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from db_handler.open_database import open_database
from db_handler.settings import HouseSettings
from messenger.clients import MemoryClient
from messenger.send import open_messenger
from tests.messenger import slack_stand_in
from tests.messenger.slack_stand_in import CHANNEL, TOKEN
from tests.stack.airflow_api import wait_until
from tests.stack.whole_stack import WholeStack

SENDER = "messenger"
PORT = 8099
TEXTS = {f"test:{number}": f"alert number {number}" for number in range(5)}
RETRY_AFTER = 4
REPORT = "/tmp/report.json"  # noqa: S108  # in a container of its own
# The tests' stand-in of Slack inside the sender's own container: it asks for a pause, and then fails once.
SERVE = f"""
import pathlib, time

slack, requests = SlackStandIn(), []
slack.faults += ["429:{RETRY_AFTER}", "500"]
with slack:
    while True:
        requests += [time.time()] * (slack.requests - len(requests))
        pathlib.Path("{REPORT}").write_text(json.dumps({{"texts": slack.texts, "requests": requests}}))
        time.sleep(0.1)
"""


@pytest.fixture
def without_slack(played: WholeStack) -> Iterator[WholeStack]:
    """The stack with an account of Slack where nobody answers."""
    token, override = (
        played.root / "compose" / "secrets" / "slack_bot_token",
        played.root / "docker-compose.override.yml",
    )
    before = {path: (path.read_text(encoding="utf-8"), path.stat().st_mode) for path in (token, override)}
    token.chmod(0o644)
    token.write_text(TOKEN, encoding="utf-8")
    address = f"http://127.0.0.1:{PORT}/api/"
    played.override(SENDER, f'environment: {{SLACK_CHANNEL: "{CHANNEL}", SLACK_API_URL: "{address}"}}')
    played.compose("up", "-d", "--no-deps", "--force-recreate", SENDER)
    yield played
    for path, (text, mode) in before.items():
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
    played.compose("up", "-d", "--no-deps", "--force-recreate", SENDER)


def test_slack_is_away_for_an_hour_and_then_gets_each_message_once(without_slack: WholeStack) -> None:
    """The hour is shortened: what the outbox would wait for its next try is taken from it."""
    stack = without_slack
    with open_database(HouseSettings(database_url=stack.database_url())) as database:
        outbox = open_messenger(database, MemoryClient())
        for name, text in TEXTS.items():
            outbox.put(name, "crypto_forecast", max(stack.moments), text, urgency="alert")
    for tries in range(15):  # the pauses after them, which grow from half a minute to five, are an hour together
        wait_until(partial(has_tried, stack, tries), "the sender has tried", 60)
        assert set(read_states(stack)) == {"waiting"}
        try_now(stack)
    start_slack(stack)

    def all_are_sent() -> bool:
        try_now(stack)
        return set(read_states(stack)) == {"sent"}

    wait_until(all_are_sent, "each message is sent", 120)
    report = wait_until(lambda: read_report(stack), "Slack has got them", 10)
    assert {text: report["texts"].count(text) for text in TEXTS.values()} == dict.fromkeys(TEXTS.values(), 1)
    limited, next_request, *_ = report["requests"]
    assert next_request - limited > RETRY_AFTER - 0.5


def start_slack(stack: WholeStack) -> None:
    source = Path(slack_stand_in.__file__).read_text(encoding="utf-8")
    program = source.replace('("127.0.0.1", 0)', f'("127.0.0.1", {PORT})') + SERVE
    (container,) = stack.list_containers(SENDER)
    assert stack.docker("exec", "-d", container["Id"], "python", "-c", program).returncode == 0


def read_report(stack: WholeStack) -> dict[str, Any] | None:
    """Read what Slack was asked, once it has all texts."""
    report: dict[str, Any] = json.loads(stack.execute(SENDER, "cat", REPORT).stdout)
    return report if set(report["texts"]) >= set(TEXTS.values()) else None


def read_states(stack: WholeStack) -> list[str]:
    return [state for (state,) in stack.ask_mysql("SELECT state FROM quartet_message WHERE message_id LIKE 'test:%'")]


def has_tried(stack: WholeStack, times: int) -> bool:
    ((tries,),) = stack.ask_mysql("SELECT SUM(tries) FROM quartet_message WHERE message_id LIKE 'test:%'")
    return int(tries or 0) > times


def try_now(stack: WholeStack) -> None:
    """Let the sender's pause be over; one that Slack itself asked for stays."""
    stack.ask_mysql(
        "UPDATE quartet_message SET next_try_at = NULL "
        "WHERE state = 'waiting' AND error NOT LIKE 'Slack asks to wait%'",
        user="writer",
    )
