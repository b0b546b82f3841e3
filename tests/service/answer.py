"""What a command left behind, for tests that ask through a project's door."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Its status, last line, standard error."""

    status: int
    json: dict[str, Any]
    log: str

    @property
    def sentence(self) -> str:
        return str(self.json["error"])


Ask = Callable[..., Answer]
