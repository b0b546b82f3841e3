"""The outcome of one try to send a text."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Outcome:
    """`limited` and `refused` keep the text for later, `down` counts a try, `rejected` ends it."""

    kind: Literal["sent", "printed", "limited", "refused", "rejected", "down"]
    sentence: str = ""
    retry_after: float = 0.0


class Client(Protocol):
    """A client that sends a text, returns an outcome and never raises."""

    def post(self, text: str) -> Outcome: ...
