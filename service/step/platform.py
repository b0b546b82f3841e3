"""The parts that all steps of a process share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from db_handler.clock import Clock
from db_handler.connection.database import Database
from db_handler.ledger.workers import enlist_process
from messenger.send import Messenger
from service.contract.project import Project
from service.spec import Spec
from service.tracking.registry import CHAMPION
from service.tracking.tracking import Tracking

Value = TypeVar("Value")


@dataclass
class Platform:
    """The parts that all steps of a process share."""

    project: Project
    specs: Mapping[str, Spec]
    database: Database
    clock: Clock
    messenger: Messenger
    memories: dict[tuple[str, int], Any] = field(default_factory=dict)  # what drift is held against, by version
    expected: dict[tuple[str, int], pd.DataFrame] = field(default_factory=dict)  # losses of evidence, by version
    at_hand: dict[tuple[Any, ...], Any] = field(default_factory=dict)  # what the units of one command read alike

    def once(self, key: tuple[Any, ...], read: Callable[[], Value]) -> Value:
        """Read something once, however often it is asked for."""
        values: dict[tuple[Any, ...], Value] = self.at_hand
        if key not in values:
            values[key] = read()
        return values[key]

    def forget(self, at: datetime) -> None:
        """Forget what an earlier kind read; only who is champion at this very moment stays known."""
        self.at_hand = {key: value for key, value in self.at_hand.items() if key[:2] == (at, CHAMPION)}

    @cached_property
    def worker(self) -> str:
        """The name of this process, by which others see whether it lives."""
        return enlist_process(self.database)

    @cached_property
    def tracking(self) -> Tracking:
        from service.tracking.tracking import open_tracking

        return open_tracking()
