"""Which champion serves a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from db_handler.errors import NotYetError

if TYPE_CHECKING:
    from service.spec import Spec


@dataclass(frozen=True)
class Champion:
    """A champion as a step needs it: the model, and what its version carries."""

    version: int
    at: datetime
    training_end: datetime
    model: dict[str, Any]
    row: Mapping[str, Any]

    def is_stale(self, at: datetime, max_age_days: int) -> bool:
        """Say whether it is older at `at` than its project allows."""
        return at - self.at > timedelta(days=max_age_days)

    def find_lost_columns(self, spec: "Spec") -> list[str]:
        """Name what it reads and model rows have no longer."""
        read = self.row["recipe"]["features"]["columns"]
        return [column for column in read if column not in spec.data.features.columns]

    def check_columns(self, spec: "Spec") -> None:
        """Refuse to predict from rows that the model can't read any more."""
        if lost := self.find_lost_columns(spec):
            raise NotYetError(
                f"{spec.unit}: version {self.version} reads {', '.join(lost)}, which rows have no longer: run train"
            )

    def check_age(self, spec: "Spec", at: datetime) -> bool:
        """Say whether it is too old; where the config refuses to serve such a one, it is an error."""
        stale = self.is_stale(at, spec.train.max_age_days)
        if stale and spec.inference.when_stale == "refuse":
            raise NotYetError(
                f"{spec.unit} refuses to predict: its champion of {self.at:%Y-%m-%d} is too old, run train"
            )
        return stale


def choose_version(flips: Sequence[Mapping[str, Any]], alias: int | None, at: datetime) -> int | None:
    """Choose the version that serves `at`: the alias, or for earlier moments the one the ledger tells.

    `flips` are the promotions and rollbacks that were carried out, by their `at`. A promotion serves from the moment
    after its own, so that a run of that moment repeated gives what it gave; only the first champion serves its own.
    """
    later = [flip for flip in flips if flip["at"] >= at and not (flip is flips[0] and flip["at"] == at)]
    if not later:
        return alias
    before = [flip for flip in flips if flip not in later]
    return int(before[-1]["version_after"]) if before else None
