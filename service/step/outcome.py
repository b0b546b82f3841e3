"""What became of one config."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, overload

from service.step.results import InferenceResult, MonitorResult, PromoteResult


@dataclass
class Outcome:
    """What became of one config: its status, and for each step what it answered or why it could not."""

    status: str = "done"
    results: dict[str, Any] = field(default_factory=dict)

    @overload
    def answer(self, step: Literal["monitor"]) -> MonitorResult | None: ...
    @overload
    def answer(self, step: Literal["inference"]) -> InferenceResult | None: ...
    @overload
    def answer(self, step: Literal["promote", "rollback"]) -> PromoteResult | None: ...
    def answer(self, step: str) -> Any:
        """Read what a step answered, if it did."""
        result = self.results.get(step)
        return None if result is None or "error" in result else result

    def to_plain(self) -> dict[str, Any]:
        return {"status": self.status, **self.results}


def worst_status(outcomes: Iterable[Outcome]) -> str:
    """Sum outcomes up: what may pass by itself is tried again first, then a failure counts, then what is not yet."""
    statuses = {outcome.status for outcome in outcomes}
    return next((status for status in ("away", "failed", "not_yet") if status in statuses), "done")
