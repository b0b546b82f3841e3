"""A client that keeps texts in memory, for tests and for runs that want to look at them."""

from dataclasses import dataclass, field

from messenger.outcome import Outcome


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
