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
        """The error of the whole command, or else of the first step that failed."""
        steps = [step for result in self.json["results"].values() for step in result.values() if isinstance(step, dict)]
        return str(next(answer["error"] for answer in (self.json, *steps) if "error" in answer))


Ask = Callable[..., Answer]
