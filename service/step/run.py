"""One step of one unit at one moment: what it is told, and what it asks of earlier steps."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeVar, overload

from db_handler.connection.database import Connection, Database
from db_handler.errors import NotYetError
from db_handler.ledger.locks import Lock
from db_handler.ledger.runs import find_result
from service.contract.kinds import KINDS
from service.contract.moment import is_past, write_at
from service.contract.project import Project
from service.spec import Spec
from service.step.platform import Platform
from service.step.results import MonitorResult, PreprocessResult, TrainResult
from service.tracking.tracking import Tracking

Value = TypeVar("Value")


@dataclass
class Run:
    """One step of one unit at one moment.

    A step reads `run.at`, never a clock; it finds what earlier steps left with `run.result(...)`. Only how late an
    answer is goes by the home's clock: `run.written_at`.
    """

    platform: Platform
    spec: Spec
    kind: str
    step: str
    at: datetime
    now: datetime
    cause: str
    force: str | None = None  # why a training goes on though its data is not fit, in the words of who asks for it
    closing: ExitStack = field(default_factory=ExitStack)
    mlflow_run: str | None = None  # opened by a training's first trial
    lock: Lock | None = None  # of the unit, while a step of train runs

    @property
    def database(self) -> Database:
        return self.platform.database

    @property
    def project(self) -> Project:
        return self.platform.project

    @property
    def tracking(self) -> Tracking:
        return self.platform.tracking

    @property
    def is_past(self) -> bool:
        """A past moment: its decisions are recorded, nothing is triggered."""
        return is_past(self.at, self.now, self.spec.data.horizon)

    @property
    def written_at(self) -> datetime:
        """When that is written which is written now, by the home's clock; never before the moment itself."""
        return max(self.at, self.now, self.platform.clock.now())

    @overload
    def result(self, step: Literal["preprocess"]) -> PreprocessResult: ...
    @overload
    def result(self, step: Literal["train"]) -> TrainResult: ...
    @overload
    def result(self, step: str) -> Mapping[str, Any]: ...
    def result(self, step: str) -> Any:
        """Read what an earlier step of this unit left at this moment for this cause."""
        result = self.find_result(step)
        if result is None:
            raise NotYetError(
                f"{self.spec.unit}: {step} is not done at {write_at(self.at)} (cause {self.cause}), run it first"
            )
        return result

    @overload
    def find_result(self, step: Literal["monitor"]) -> MonitorResult | None: ...
    @overload
    def find_result(self, step: str) -> Mapping[str, Any] | None: ...
    def find_result(self, step: str) -> Any:
        """Read what an earlier step left, if it did; causes part the trainings of one moment and nothing else."""
        cause = self.cause if step in KINDS["train"] else None
        with self.database.begin(writing=False) as connection:
            row = find_result(
                connection, project=self.spec.project, config=self.spec.config, step=step, at=self.at, cause=cause
            )
        return row and row.result

    def commit(self, write: Callable[[Connection], Value]) -> Value:
        """Write to the ledger in one transaction, if the lock that this step holds is still its own."""

        def write_fenced(connection: Connection) -> Value:
            if self.lock is not None:
                self.lock.check(connection)
            return write(connection)

        return self.database.retry(write_fenced)

    def of_unit(self, spec: Spec) -> "Run":
        """Look at the same moment from another unit of the project."""
        return replace(self, spec=spec)

    def once(self, key: tuple[Any, ...], read: Callable[[], Value]) -> Value:
        """Read something once a command and moment, however many units ask for it."""
        return self.platform.once((self.at, *key), read)
