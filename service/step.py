"""What a step gets when it runs: the platform's parts, the moment, and ways to hand over."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from db_handler.clock import Clock
from db_handler.database import Database
from db_handler.decisions import read_decisions, read_flips
from db_handler.errors import NotYetError
from db_handler.ledger import TICK, find_result, read_model
from messenger.send import Messenger
from service import training
from service.champion import Champion, choose_version
from service.drift import Reference
from service.kinds import KINDS
from service.moment import is_past, write_at
from service.project import Project
from service.registry import load_model, read_alias
from service.spec import Spec
from service.tracking import Tracking

if TYPE_CHECKING:
    import pandas as pd

Found = TypeVar("Found")
CHAMPION = "champion"


@dataclass
class Platform:
    """The parts that all steps of a process share."""

    project: Project
    specs: Mapping[str, Spec]
    database: Database
    clock: Clock
    messenger: Messenger
    references: dict[tuple[str, int], dict[str, Reference]] = field(default_factory=dict)  # drift's, by version
    expected: dict[tuple[str, int], "pd.DataFrame"] = field(default_factory=dict)  # losses of evidence, by version
    at_hand: dict[tuple[Any, ...], Any] = field(default_factory=dict)  # what the units of one command read alike

    def forget(self, at: datetime) -> None:
        """Forget what an earlier kind read; only who is champion at this very moment stays known."""
        self.at_hand = {key: found for key, found in self.at_hand.items() if key[:2] == (at, CHAMPION)}

    @cached_property
    def tracking(self) -> Tracking:
        from service.tracking import open_tracking

        return open_tracking()


@dataclass
class Run:
    """One step of one unit at one moment.

    A step reads `run.at`, never a clock; it finds what earlier steps left with `run.result(...)`.
    """

    platform: Platform
    spec: Spec
    kind: str
    step: str
    at: datetime
    now: datetime
    cause: str
    closing: ExitStack = field(default_factory=ExitStack)
    mlflow_run: str | None = None  # opened by a training's first trial

    @property
    def project(self) -> Project:
        return self.platform.project

    @property
    def specs(self) -> Mapping[str, Spec]:
        return self.platform.specs

    @property
    def database(self) -> Database:
        return self.platform.database

    @property
    def clock(self) -> Clock:
        return self.platform.clock

    @property
    def tracking(self) -> Tracking:
        return self.platform.tracking

    @property
    def is_past(self) -> bool:
        """A past moment: its decisions are recorded, nothing is triggered."""
        return is_past(self.at, self.now, self.spec.data.horizon)

    def result(self, step: str) -> dict[str, Any]:
        """Read what an earlier step of this unit left at this moment for this cause."""
        found = self.find_result(step)
        if found is None:
            raise NotYetError(
                f"{self.spec.unit}: {step} is not done at {write_at(self.at)} (cause {self.cause}), run it first"
            )
        return found

    def find_result(self, step: str) -> dict[str, Any] | None:
        """Read what an earlier step left, if it did; causes part the trainings of one moment and nothing else."""
        cause = self.cause if step in KINDS["train"] else None
        with self.database.begin(writing=False) as connection:
            row = find_result(
                connection, project=self.spec.project, config=self.spec.config, step=step, at=self.at, cause=cause
            )
        return row and row["result"]

    def champion(self) -> Champion:
        """Load the champion that serves this moment."""
        version = self.champion_version()
        if version is None:
            raise self.miss_champion()
        return self.champion_of(version)

    def miss_champion(self, meanwhile: str = "") -> NotYetError:
        """Say that nothing serves this moment yet: no version was trained, or the last one's judgement says why."""
        project, config, until = self.spec.project, self.spec.config, self.at + TICK
        with self.database.begin(writing=False) as connection:
            judged = read_decisions(connection, project, config, subject="promotion", state="done", until=until)
        advice = "run train first"
        if judged:
            version, objection = judged[-1]["numbers"]["challenger"], judged[-1]["reasons"][0]
            advice = f"version {version} was not promoted ({objection})"
        return NotYetError(f"{self.spec.unit} has no champion at {write_at(self.at)} yet{meanwhile}: {advice}")

    def champion_of(self, version: int) -> Champion:
        """Load one version with what the ledger knows of it."""
        row = self.model_row(version)
        model = load_model(self.tracking, self.spec.unit, version)
        return Champion(version, row["at"], row["training_end"], model, row)

    def model_row(self, version: int) -> dict[str, Any]:
        """Read what the ledger knows of a version."""
        with self.database.begin(writing=False) as connection:
            row = read_model(connection, project=self.spec.project, config=self.spec.config, version=version)
        if row is None:
            raise NotYetError(f"{self.spec.unit}: the ledger does not know version {version}: train again")
        return row

    def record(self, params: Mapping[str, Any], metrics: Mapping[str, float]) -> None:
        """Record one trial of a training as a run below it."""
        training.record_trial(self, params, metrics)

    def known_model(self, rows: "pd.DataFrame") -> dict[str, Any] | None:
        """Find what the same training on the same rows left already."""
        return training.find_known_model(self, rows)

    def keep_model(self, model: Mapping[str, Any], **known: Any) -> dict[str, Any]:
        """Log, register and note a fitted model (rows, training_end, params, metrics)."""
        return training.keep_model(self, model, **known)

    def of_unit(self, spec: Spec) -> "Run":
        """Look at the same moment from another unit of the project."""
        return replace(self, spec=spec)

    def champion_version(self) -> int | None:
        """Say which version serves this moment, by the alias and the ledger."""
        return self.once((CHAMPION, self.spec.unit), self._choose_champion)

    def once(self, key: tuple[Any, ...], read: Callable[[], Found]) -> Found:
        """Read something once a command and moment, however many units ask for it."""
        known: dict[tuple[Any, ...], Found] = self.platform.at_hand
        if (self.at, *key) not in known:
            known[self.at, *key] = read()
        return known[self.at, *key]

    def _choose_champion(self) -> int | None:
        with self.database.begin(writing=False) as connection:
            flips = read_flips(connection, self.spec.project, self.spec.config)
        return choose_version(flips, read_alias(self.tracking, self.spec.unit, CHAMPION), self.at)
