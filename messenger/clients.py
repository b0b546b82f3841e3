"""The clients of the outbox that need no Slack, and the outcome of one try to send a text."""

import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol

TITLE = "Slack is not set up: printed and kept"
WIDTH = 72
RETRY_AFTER_LIMIT = 3600.0  # the longest pause, in seconds, that a text is kept waiting for at Slack's word


@dataclass(frozen=True)
class Outcome:
    """`limited` and `refused` keep the text for later, `down` counts a try, `rejected` ends it."""

    kind: Literal["sent", "printed", "limited", "refused", "rejected", "down"]
    sentence: str = ""
    retry_after: float = 0.0


class Client(Protocol):
    """A client that sends a text, returns an outcome and never raises."""

    def post(self, text: str) -> Outcome: ...


@dataclass
class MemoryClient:
    """Keep what was sent; `answers` are outcomes to return first, one for each text.

    >>> client = MemoryClient(answers=[Outcome("limited", retry_after=30)])
    >>> client.post("hello").kind, client.post("hello").kind, client.texts
    ('limited', 'sent', ['hello'])
    """

    answers: list[Outcome] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def post(self, text: str) -> Outcome:
        """Return the next outcome, `sent` when none is left."""
        outcome = self.answers.pop(0) if self.answers else Outcome("sent")
        if outcome.kind in {"sent", "printed"}:
            self.texts.append(text)
        return outcome


class PrintClient:
    """Print a text on standard error instead of sending it."""

    def post(self, text: str) -> Outcome:
        """Print; where even that is impossible (standard error is closed) the message is only kept.

        The box is open to the right, since nobody knows how wide a terminal draws an emoji.
        """
        head = f"┌─ {TITLE} ".ljust(WIDTH, "─")
        lines = [head, *(f"│ {line}".rstrip() for line in text.split("\n")), "└".ljust(WIDTH, "─"), ""]
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write("\n".join(lines))
            sys.stderr.flush()
        return Outcome("printed")
