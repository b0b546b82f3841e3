"""The outbox: messages are kept first and sent after, so that Slack can fail without anything else failing."""

import hashlib
import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Literal

from db_handler.clock import Clock, WallClock
from db_handler.connection.database import Connection, Database
from db_handler.errors import DatabaseError
from db_handler.ledger.ledger_tables import MESSAGE
from db_handler.rows.single_rows import list_rows, read_row, write_row
from messenger.clients import RETRY_AFTER_LIMIT, Client, Outcome, PrintClient
from messenger.messages import digest_message
from messenger.plain_text import clean_text
from messenger.settings import SlackSettings, read_settings

Urgency = Literal["info", "alert"]
log = logging.getLogger(__name__)

ID_LIMIT = 255
DIGEST_FROM = 10  # more than this many waiting messages go out as one
LEASE = timedelta(minutes=1)  # longer than any answer takes
FLUSH_SECONDS = 30.0  # the most time a step spends on its messages
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 300.0
PRINTED_LATELY = timedelta(days=7)  # what was printed before is not sent where Slack is set up later
LONGEST_WAIT = timedelta(seconds=RETRY_AFTER_LIMIT)  # a time beyond it was written by a clock that was ahead


class Messenger:
    """Keep messages by id and hand them to a client.

    >>> messenger.put("stale:crypto_forecast:2026-11-20", "crypto_forecast", at, text, urgency="alert")
    >>> messenger.flush()
    Counter({'sent': 1})
    """

    def __init__(self, database: Database, clock: Clock, client: Client) -> None:
        self._database, self._clock, self._client = database, clock, client
        self._own: set[str] = set()  # the ids of what this process put

    def put(self, message_id: str, project: str, at: datetime, text: str, urgency: Urgency = "info") -> None:
        """Keep a message; the second one with the same id is the same message. Not inside another transaction.

        What was only printed counts as of the last time that it was put.
        """
        row = {"message_id": _short(message_id), "project": project[:64], "at": at, "urgency": urgency}
        self._own.add(_short(message_id))
        row |= {"text": clean_text(text), "state": "waiting", "tries": 0, "created_at": self._clock.now()}

        def work(connection: Connection) -> None:
            kept = read_row(connection, MESSAGE, lock=True, message_id=row["message_id"])
            if kept is None:
                write_row(connection, MESSAGE, **row)
            elif kept["state"] == "printed":
                write_row(connection, MESSAGE, message_id=row["message_id"], created_at=row["created_at"])

        self._database.retry(work)

    def list_ids(self, project: str, at: datetime) -> list[str]:
        """List the ids of the messages of one moment that are kept or were sent."""
        with self._database.begin(writing=False) as connection:
            rows = list_rows(connection, MESSAGE, where={"project": project[:64], "at": at})
        return [row["message_id"] for row in rows]

    def flush(self) -> Counter[str]:
        """Send what waits, in order, until Slack asks for a pause; count the messages by outcome.

        Where a sender of its own runs, its process does this and a step leaves its messages to it. A process that can
        only print takes no message of others, which may wait for Slack.
        """
        if SlackSettings().sender == "own":
            return Counter()
        try:
            return self.send_waiting(own=isinstance(self._client, PrintClient))
        except DatabaseError as error:
            log.warning("Messages are kept for later: %s", error)
            return Counter()

    def send_waiting(self, *, own: bool = False) -> Counter[str]:
        """Send what waits, or only what this process put."""
        counts: Counter[str] = Counter()
        deadline = time.monotonic() + FLUSH_SECONDS
        while time.monotonic() < deadline and (batch := self._claim(own=own)):
            outcome = self._client.post(self._text(batch))
            counts[outcome.kind] += len(batch)
            self._record(batch, outcome)
        return counts

    def _claim(self, *, own: bool) -> list[dict[str, Any]]:
        """Take the oldest message, or all when many wait; nobody else sends while a claim or a pause lasts.

        A process that has Slack also takes what others have only printed lately: nobody may have read that.
        """

        def work(connection: Connection) -> list[dict[str, Any]]:
            now = self._clock.now()
            waiting = list_rows(connection, MESSAGE, where={"state": "waiting"}, lock=True)
            if not isinstance(self._client, PrintClient):
                lately = ("created_at", now - PRINTED_LATELY)
                waiting += list_rows(connection, MESSAGE, where={"state": "printed"}, since=lately, lock=True)
            waiting = [row for row in waiting if not own or row["message_id"] in self._own]
            waiting.sort(key=lambda row: (row["created_at"], row["message_id"]))
            if any(row["next_try_at"] and now < row["next_try_at"] <= now + LONGEST_WAIT for row in waiting):
                return []
            batch = waiting if len(waiting) > DIGEST_FROM else waiting[:1]
            for row in batch:
                write_row(connection, MESSAGE, message_id=row["message_id"], next_try_at=now + LEASE)
            return batch

        return self._database.retry(work)

    def _text(self, batch: list[dict[str, Any]]) -> str:
        return str(batch[0]["text"]) if len(batch) == 1 else clean_text(digest_message(self._clock.now(), batch))

    def _record(self, batch: list[dict[str, Any]], outcome: Outcome) -> None:
        # A sentence that the oldest message already carries has been said before.
        if outcome.sentence and batch[0]["error"] != outcome.sentence:
            log.warning("%s", outcome.sentence)

        def work(connection: Connection) -> None:
            for row in batch:
                ending = _end(row, outcome, self._clock.now())
                write_row(connection, MESSAGE, message_id=row["message_id"], **ending)

        self._database.retry(work)
        for row in batch:
            if outcome.kind == "rejected" and row["urgency"] == "alert":
                self._tell_rejected(row)

    def _tell_rejected(self, row: dict[str, Any]) -> None:
        """Say in other words that an alert could not be shown: none is lost without a word."""
        name = row["message_id"]
        text = f"An alert of {row['project']} could not be shown here; its text is in the table quartet_message: {name}"
        self.put(f"rejected:{name}", row["project"], row["at"], text)


def open_messenger(database: Database, client: Client | None = None) -> Messenger:
    """Open the outbox in front of what the settings say: Slack, or the terminal where none is set.

    Its pauses are Slack's own and go by the machine's clock, also in a home that has a virtual now.
    """
    if client is None and ((settings := read_settings()).token or settings.webhook_url):
        from messenger.slack import SlackClient

        client = SlackClient(settings)
    return Messenger(database, WallClock(), client or PrintClient())


def _end(row: dict[str, Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Compute the next state of a message: ended, or waiting until a time."""
    if outcome.kind in {"sent", "printed"}:
        return {"state": outcome.kind, "tries": row["tries"] + 1, "next_try_at": None, "error": None}
    if outcome.kind in {"limited", "refused"}:  # no fault of the message: its tries don't count
        until = now + timedelta(seconds=outcome.retry_after)
        return {"state": "waiting", "next_try_at": until, "error": outcome.sentence}
    tries = row["tries"] + 1
    if outcome.kind == "rejected":
        return {"state": "failed", "tries": tries, "next_try_at": None, "error": outcome.sentence}
    pause = min(FIRST_PAUSE * 2 ** min(row["tries"], 10), LONGEST_PAUSE)
    until = now + timedelta(seconds=pause)
    return {"state": "waiting", "tries": tries, "next_try_at": until, "error": outcome.sentence}


def _short(message_id: str) -> str:
    """Keep an id within its column; a long one stays the same id every time."""
    if len(message_id) <= ID_LIMIT:
        return message_id
    return f"{message_id[:200]}:{hashlib.sha256(message_id.encode()).hexdigest()[:40]}"
