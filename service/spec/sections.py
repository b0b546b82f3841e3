"""What a config file may say: frozen classes of keys, one section each, and the Spec that holds them all."""

import inspect
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from db_handler.tables.table import Table
from service.spec.outcome_tables import shadow_table
from service.spec.sources import Sources

FEWEST_ON_PROBATION = 60
Count = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Span = Annotated[timedelta, Field(gt=timedelta(0))]
ClassName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]  # it becomes part of a column's name


def _check_utc(moment: datetime) -> datetime:
    if moment.utcoffset() != timedelta(0):
        raise ValueError("write the moment in UTC")
    return moment


def _check_probation(rows: int) -> int:
    if rows != 0 and rows < FEWEST_ON_PROBATION:
        raise ValueError(f"fewer rows than {FEWEST_ON_PROBATION} tell nothing; 0 turns probation off")
    return rows


Moment = Annotated[AwareDatetime, AfterValidator(_check_utc)]
ProbationRows = Annotated[int, AfterValidator(_check_probation)]


class Section(BaseModel):
    """One class of a config file: keys with types, frozen once they are read.

    A subclass sets keys plainly (`market = "KRW-BTC"`); load_spec refuses those that no class declares. Bounds stand in
    Annotated types, because a plain assignment replaces the whole default.
    """

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", validate_default=True, allow_inf_nan=False, ignored_types=(object,)
    )

    def __init_subclass__(cls, **options: Any) -> None:
        """Let a plain `key = value` keep the type that a parent class declares; pydantic reads the fields later."""
        super().__init_subclass__(**options)
        own = inspect.get_annotations(cls)
        for base in cls.__bases__:
            declared = getattr(base, "model_fields", {})
            plain = [key for key in vars(cls) if key in declared and key not in own]
            own |= {key: declared[key].rebuild_annotation() for key in plain}
        cls.__annotations__ = own

    if TYPE_CHECKING:
        # A type checker that reads service can't know the keys that one project declares for itself.
        def __getattr__(self, key: str) -> Any: ...


class Data(Section):
    """Where the rows of a config live and how they tick."""

    config: str = ""  # the name of the file, which the platform fills in
    only: dict[str, str | int | float | bool] = {}  # the rows of the shared tables that are this config's, by columns
    raw: Table
    features: Table
    predictions: Table
    performance: Table
    horizon: Span
    slot: str = "slot"  # the column of features with a row's own moment
    target_slot: str = "target_slot"  # the column with the opening of the target
    target: str = "target"
    rules: tuple[str, ...] = ()  # the naive rules, each a column of the predictions
    classes: tuple[ClassName, ...] = ()  # what a row may be: the target is a code, 0 the first; none: it is a number
    in_series: bool = True  # neighbours in time are alike; False: each row stands by itself
    label_at: str | None = None  # the column of features that says since when the target is known
    label_delay: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(0)  # how late labels usually come
    sources: Sources | None = None  # what an import and the generator of practice data fill

    @property
    def tables(self) -> tuple[Table, ...]:
        own = (self.raw, self.features, self.predictions, self.performance, self.shadow)
        return (*self.sources.tables, *own) if self.sources else own

    @property
    def shadow(self) -> Table:
        """Name the table of what a dethroned champion says of rows that the new one answers."""
        return shadow_table(self.predictions, self.classes)

    @property
    def where(self) -> dict[str, Any]:
        """Name the rows of this config in tables that configs share."""
        return {"config": self.config, **self.only}

    def where_in(self, table: Table) -> dict[str, Any]:
        """Name the rows of this config in one table, by those columns that it has."""
        return {column: value for column, value in self.where.items() if column in table.columns}


class Features(Section):
    """Which columns a model reads."""

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    categories: tuple[str, ...] = ()  # those that are text
    calendar: tuple[str, ...] = ()  # those that follow from the date alone, so that they don't drift
    answer_without: tuple[str, ...] = ()  # those that may be missing: rows without them are answered

    @model_validator(mode="after")
    def _check_columns(self) -> "Features":
        for column in (*self.categories, *self.calendar, *self.answer_without):
            if column not in self.columns:
                raise ValueError(f"{column!r} is none of the columns")
        return self


class Model(Section):
    """How a model is fitted; every entry of the grid overrides keys of this class in one trial."""

    grid: tuple[dict[str, int | float | str | bool], ...] = ()

    @model_validator(mode="after")
    def _check_grid(self) -> "Model":
        for key in (key for entry in self.grid for key in entry):
            if key == "grid" or key not in type(self).model_fields:
                raise ValueError(f"the grid overrides {key!r}, which is no key of this class")
        return self


LEARNED = 5  # a fit knows a change from a fifth of the rows that it takes to judge by


class Train(Section):
    """When a model is fitted again, on what evidence, and who promotes it."""

    # keys that judge or time a fit without changing it
    policy: ClassVar = frozenset(
        "renew promote margin p_value min_timestamps min_changed_rows slice_margin slice_min_rows block draws "
        "max_age_days min_rows too_good probation_rows".split()
    )

    renew: Literal["once", "clock"] = "clock"
    promote: Literal["evidence", "person"] = "evidence"
    max_age_days: Days = 90
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 7
    evidence_days: Days = 90
    refit_days: Days = 7
    purge: Span | None = None  # none: as long as the horizon
    embargo: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(0)
    folds: Count = 3
    min_rows: Count = 50  # wanted before the evaluated rows
    too_good: Share = 0.95  # of what the simplest rule leaves over: more than that is looked at by a person first
    margin: Share = 0.05
    p_value: Share = 0.05
    min_timestamps: Count = 60
    min_changed_rows: Count | None = None  # since a change, for a challenger to be better; none: min_timestamps
    slice_margin: Share = 0.25
    slice_min_rows: Count = 30
    block: Count = 12
    draws: Count = 2000
    probation_rows: ProbationRows = 120  # labelled, on which a new champion stands beside the one before it; 0: none

    @property
    def wanted_since_change(self) -> int:
        """Say how many rows since a change a challenger is compared on, which it has learned from, too."""
        return self.min_changed_rows or self.min_timestamps

    @property
    def learned_since_change(self) -> int:
        """Say how many rows since a change a fit must have learned from, for the rows that it predicts to count."""
        return -(-self.wanted_since_change // LEARNED)


class Inference(Section):
    """When a prediction counts as live."""

    grace_minutes: Annotated[int, Field(ge=0)] = 30
    when_stale: Literal["flag", "refuse"] = "flag"


class Monitoring(Section):
    """When live losses call for a new model."""

    baseline: str  # the rule, as `rule_ewma`, by whose live loss the loss of the model is divided
    pooled: bool = False
    window_days: Days = 7
    threshold: Positive | None = None  # none: what the champion's own evidence and chance lead to expect
    own_loss: bool = True  # whether the model's loss alone, beyond what its evidence and chance lead to expect, calls
    k: Count = 2
    n: Count = 3
    min_rows: Count = 30
    min_label_share: Share = 0.5  # of a window's predictions; with fewer labels there is no verdict
    cool_down_days: Annotated[int, Field(ge=0)] = 7
    min_new_rows: Annotated[int, Field(ge=0)] = 42
    rescore_days: Days = 90  # how far back a late or revised truth still changes a score
    drift_window_rows: Count = 180
    drift_p: Share = 1e-4
    drift_triggers: bool = False

    @model_validator(mode="after")
    def _check_windows(self) -> "Monitoring":
        if self.k > self.n:
            raise ValueError(f"k = {self.k} windows of n = {self.n} can never be")
        return self


ALL: tuple[type[Section], ...] = (Data, Features, Model, Train, Inference, Monitoring)
SECTIONS = {section.__name__: section for section in ALL}
