"""The outbox: kept first, sent once, paused when asked, given up after some tries, never in anyone's way."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db_handler.clock import VirtualClock
from db_handler.connection.database import Database
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.ledger.virtual_now import begin_virtual_time, move_virtual_now
from db_handler.rows.single_rows import list_rows
from messenger.clients import RETRY_AFTER_LIMIT, MemoryClient, Outcome, PrintClient
from messenger.plain_text import TEXT_LIMIT
from messenger.send import LONGEST_PAUSE, Messenger, open_messenger
from tests.messenger.slack_stand_in import CHANNEL, TOKEN, SlackStandIn

DOWN = Outcome("down", "Slack answered with status 500; the message is kept and tried again.")


def rows(database: Database) -> list[dict[str, Any]]:
    with database.begin() as connection:
        return list_rows(connection, MESSAGE, order_by=("created_at", "message_id"))


def states(database: Database) -> list[str]:
    return [row["state"] for row in rows(database)]


def fill(messenger: Messenger, clock: VirtualClock, count: int) -> None:
    for number in range(count):
        messenger.put(f"m{number:03}", "crypto_forecast", clock.now(), f"message {number}\nmore")


def test_a_message_is_sent_once(database: Database, clock: VirtualClock) -> None:
    client = MemoryClient()
    messenger = open_messenger(database, client)
    messenger.put("one", "crypto_forecast", clock.now(), "hello")
    messenger.put("one", "crypto_forecast", clock.now(), "hello again")
    assert messenger.flush() == {"sent": 1}
    messenger.put("one", "crypto_forecast", clock.now(), "and again")
    assert messenger.flush() == {}
    assert client.texts == ["hello"]
    assert states(database) == ["sent"]


def test_without_slack_it_is_printed_and_kept(
    database: Database, clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    messenger = open_messenger(database)
    messenger.put("one", "crypto_forecast", clock.now(), "❌ crypto_forecast.btc: load failed\nwhy \x1b[31mred")
    assert messenger.flush() == {"printed": 1}
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[1:3] == ["│ ❌ crypto_forecast.btc: load failed", "│ why [31mred"]
    assert states(database) == ["printed"]


def test_slack_by_its_settings(
    database: Database, clock: VirtualClock, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    messenger = open_messenger(database)
    messenger.put("one", "crypto_forecast", clock.now(), "hello")
    assert messenger.flush() == {"sent": 1}
    assert slack.texts == ["hello"]


def test_the_pause_that_slack_asks_for_is_real_where_the_home_has_a_virtual_now(database: Database) -> None:
    database.retry(lambda connection: begin_virtual_time(connection, datetime(2020, 1, 1, tzinfo=UTC)))
    messenger = open_messenger(database, MemoryClient([Outcome("limited", "Slow down.", retry_after=0.3)]))
    messenger.put("one", "crypto_forecast", datetime(2020, 1, 1, tzinfo=UTC), "hello")
    assert messenger.flush() == {"limited": 1}
    assert messenger.flush() == {}
    database.retry(lambda connection: move_virtual_now(connection, datetime(2020, 1, 2, tzinfo=UTC)))
    assert open_messenger(database, MemoryClient()).flush() == {}
    time.sleep(0.35)
    assert open_messenger(database, MemoryClient()).flush() == {"sent": 1}


def test_retry_after_is_respected(database: Database, clock: VirtualClock) -> None:
    client = MemoryClient([Outcome("limited", "Slack asks to wait; the message is kept.", 120)])
    messenger = Messenger(database, clock, client)
    fill(messenger, clock, 2)
    assert messenger.flush() == {"limited": 1}
    clock.sleep(119)
    assert messenger.flush() == {}
    clock.sleep(2)
    assert messenger.flush() == {"sent": 2}
    assert client.texts == ["message 0\nmore", "message 1\nmore"]


def test_refused_token_is_said_once_and_the_message_kept(
    database: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Outcome("refused", "Slack refuses SLACK_BOT_TOKEN.", 300)
    for _ in range(16):
        messenger = Messenger(database, clock, MemoryClient([refused]))
        fill(messenger, clock, 3)
        assert messenger.flush() == {"refused": 1}
        clock.sleep(301)
    assert caplog.text.count("Slack refuses") == 1
    assert Messenger(database, clock, MemoryClient()).flush() == {"sent": 3}


def test_a_message_is_never_given_up_and_its_pauses_grow_to_five_minutes(
    database: Database, clock: VirtualClock
) -> None:
    messenger = Messenger(database, clock, MemoryClient([DOWN] * 60))
    fill(messenger, clock, 1)
    pauses = []
    for _ in range(60):
        assert messenger.flush() == {"down": 1}
        assert rows(database)[0]["error"] == DOWN.sentence
        pauses.append((rows(database)[0]["next_try_at"] - clock.now()).total_seconds())
        clock.sleep(pauses[-1])
    assert pauses == [30, 60, 120, 240] + [LONGEST_PAUSE] * 56
    assert LONGEST_PAUSE == 300
    assert messenger.flush() == {"sent": 1}


def test_a_clock_that_was_ahead_holds_nothing_up(database: Database, clock: VirtualClock) -> None:
    ahead = VirtualClock(clock.now() + timedelta(days=300))
    for outcome in (DOWN, Outcome("limited", "Slack asks to wait.", RETRY_AFTER_LIMIT)):
        messenger = Messenger(database, ahead, MemoryClient([outcome]))
        messenger.put(f"then {outcome.kind}", "crypto_forecast", clock.now(), "kept")
        assert messenger.flush() == {outcome.kind: 1}
        Messenger(database, clock, MemoryClient()).put(f"now {outcome.kind}", "crypto_forecast", clock.now(), "new")
        assert Messenger(database, clock, MemoryClient()).flush() == {"sent": 2}


def test_an_alert_that_is_rejected_is_told_in_other_words(database: Database, clock: VirtualClock) -> None:
    client = MemoryClient([Outcome("rejected", "Wrong.")])
    messenger = Messenger(database, clock, client)
    messenger.put("broken", "crypto_forecast", clock.now(), "what Slack can't show", urgency="alert")
    assert messenger.flush() == {"rejected": 1, "sent": 1}
    assert client.texts[-1].endswith("its text is in the table quartet_message: broken")


def test_a_process_that_can_only_print_takes_no_message_of_others(database: Database, clock: VirtualClock) -> None:
    fill(Messenger(database, clock, MemoryClient()), clock, 1)
    other = Messenger(database, clock, PrintClient())
    other.put("own", "crypto_forecast", clock.now(), "printed")
    assert other.flush() == {"printed": 1}
    assert sorted(states(database)) == ["printed", "waiting"]
    assert Messenger(database, clock, PrintClient()).send_waiting() == {"printed": 1}  # as the sender does


def test_what_was_only_printed_is_sent_by_who_has_slack(database: Database, clock: VirtualClock) -> None:
    shell, slack = Messenger(database, clock, PrintClient()), MemoryClient([DOWN])
    fill(shell, clock, 1)
    assert shell.flush() == {"printed": 1}
    assert shell.flush() == Messenger(database, clock, PrintClient()).send_waiting() == {}
    assert Messenger(database, clock, slack).send_waiting() == {"down": 1}
    assert states(database) == ["waiting"]
    clock.sleep(61)
    assert [Messenger(database, clock, slack).send_waiting() for _ in range(2)] == [{"sent": 1}, {}]


def test_what_was_printed_before_slack_was_set_up_is_one_digest_of_the_last_week(
    database: Database, clock: VirtualClock
) -> None:
    shell, slack = Messenger(database, clock, PrintClient()), MemoryClient()
    shell.put("goes on", "crypto_forecast", clock.now(), "an incident", urgency="alert")
    shell.put("old", "crypto_forecast", clock.now(), "long ago")
    assert shell.flush() == {"printed": 2}
    clock.sleep(timedelta(days=8).total_seconds())
    shell.put("goes on", "crypto_forecast", clock.now(), "the same incident", urgency="alert")
    fill(shell, clock, 20)
    assert shell.flush() == {"printed": 20}
    assert Messenger(database, clock, slack).flush() == {"sent": 21}
    (text,) = slack.texts
    assert text.splitlines()[2:4] == ["an incident", "message 0"]


def test_a_process_leaves_its_messages_to_the_sender(
    database: Database, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTET_SENDER", "own")
    client = MemoryClient([])
    messenger = Messenger(database, clock, client)
    fill(messenger, clock, 2)
    assert messenger.flush() == {}
    assert messenger.send_waiting() == {"sent": 2}


def test_the_sender_sends_what_another_process_keeps_until_it_is_stopped(
    database: Database, clock: VirtualClock, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"BOT_TOKEN": TOKEN, "CHANNEL": CHANNEL, "API_URL": slack.api_url}.items():
        monkeypatch.setenv(f"SLACK_{name}", value)
    sender = subprocess.Popen([sys.executable, "-m", "messenger"], stderr=subprocess.PIPE, text=True)
    fill(Messenger(database, clock, MemoryClient()), clock, 3)
    began = time.monotonic()
    deadline = time.monotonic() + 30
    while len(slack.texts) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert time.monotonic() - began >= 1.9  # one message a second
    sender.terminate()
    sender.communicate(timeout=10)
    assert sender.returncode == 0
    assert slack.texts == ["message 0\nmore", "message 1\nmore", "message 2\nmore"]


def test_a_rejected_message_does_not_hold_up_the_next(database: Database, clock: VirtualClock) -> None:
    messenger = Messenger(database, clock, MemoryClient([Outcome("rejected", "Wrong.")]))
    fill(messenger, clock, 2)
    assert messenger.flush() == {"rejected": 1, "sent": 1}
    assert states(database) == ["failed", "sent"]


def test_a_hundred_failures_become_one_digest(database: Database, clock: VirtualClock) -> None:
    client = MemoryClient([DOWN])
    messenger = Messenger(database, clock, client)
    fill(messenger, clock, 99)
    messenger.put("urgent", "crypto_forecast", clock.now(), "❌ urgent\nmore", urgency="alert")
    assert messenger.flush() == {"down": 100}
    clock.sleep(31)
    assert messenger.flush() == {"sent": 100}
    (text,) = client.texts
    lines = text.splitlines()
    assert lines[0] == "📬 100 messages waited"
    assert lines[2:4] == ["❌ urgent", "message 0"]
    assert "and 75 more" in lines[-1]
    assert set(states(database)) == {"sent"}


def test_huge_text_and_id_are_cut(database: Database, clock: VirtualClock) -> None:
    client = MemoryClient()
    messenger = Messenger(database, clock, client)
    for _ in range(2):
        messenger.put("i" * 10_000, "p" * 300, clock.now(), "x" * 50_000 + "\udc80\x00")
    messenger.flush()
    (text,) = client.texts
    assert len(text) < TEXT_LIMIT + 50
    assert text.endswith("… (46,500 more characters)")


def test_two_at_once_send_each_message_once(database: Database, clock: VirtualClock) -> None:
    client = MemoryClient()
    messengers = [Messenger(database, clock, client) for _ in range(3)]
    fill(messengers[0], clock, 9)
    threads = [threading.Thread(target=messenger.flush) for messenger in messengers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(client.texts) == [f"message {number}\nmore" for number in range(9)]


def test_a_claim_of_a_killed_process_ends(database: Database, clock: VirtualClock) -> None:
    class KilledError(BaseException): ...

    class Killed:
        def post(self, text: str) -> Outcome:
            raise KilledError

    messenger = Messenger(database, clock, Killed())
    fill(messenger, clock, 1)
    with pytest.raises(KilledError):
        messenger.flush()
    assert Messenger(database, clock, MemoryClient()).flush() == {}
    clock.sleep(timedelta(minutes=1).total_seconds() + 1)
    assert Messenger(database, clock, MemoryClient()).flush() == {"sent": 1}


def test_a_lost_database_is_no_reason_to_fail(
    database: Database, clock: VirtualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    messenger = Messenger(database, clock, MemoryClient())
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE quartet_message")
    assert messenger.flush() == {}
    assert "Messages are kept for later" in caplog.text
