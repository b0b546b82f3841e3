"""What became of one config."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What became of one config."""

    status: str = "done"
    results: dict[str, Any] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        return {"status": self.status, **self.results}


def worst_status(outcomes: Iterable[Outcome]) -> str:
    """Sum outcomes up: one failure makes all failed, else one `not_yet` makes all not yet."""
    found = {outcome.status for outcome in outcomes}
    return next((status for status in ("failed", "not_yet") if status in found), "done")
