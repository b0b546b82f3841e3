"""One line of the table: our figure, what one would take instead, what is possible at all, and what we set out for."""

from dataclasses import dataclass
from typing import Literal

# Units of which less is better; of all others more is.
LESS_IS_BETTER = ("s", "ms", "MB", "days", "false", "% false", "of the first", "of HAR's", "points")


@dataclass(frozen=True)
class Target:
    """At least this share of the speed of the peer or of the limit."""

    share: float
    of: Literal["peer", "limit"]
    text: str


@dataclass(frozen=True)
class Row:
    """A measurement; `flaw` says what was wrong with it besides its speed, `note` what a reader should know."""

    work: str
    unit: str
    ours: float
    peer: str
    theirs: float
    limit: float | None = None
    limit_name: str = ""
    target: Target | None = None
    note: str = ""
    flaw: str = ""

    @property
    def ratio(self) -> float:
        """Our speed over the peer's: above 1 we are faster."""
        return self._compare(self.theirs)

    @property
    def share(self) -> float | None:
        """Our speed over what is possible."""
        return None if self.limit is None else self._compare(self.limit)

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.flaw:
            return False
        if self.target is None:
            return None
        share = self.ratio if self.target.of == "peer" else self.share
        return share is not None and share >= self.target.share

    def _compare(self, other: float) -> float:
        ours, theirs = (other, self.ours) if self.unit in LESS_IS_BETTER else (self.ours, other)
        return ours / theirs if theirs else float("inf")


@dataclass(frozen=True)
class Skipped:
    """A measurement that could not be made, and why."""

    work: str
    why: str
