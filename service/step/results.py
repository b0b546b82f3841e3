"""What each step answers; the platform reads these keys and no others."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

StepResult = Mapping[str, object]  # of any step: one of the classes below, or a project's own


class LoadResult(TypedDict):
    """The step load; a project may add counts of its own."""

    rows: int
    until: str | None  # how far the source was read
    labels: NotRequired[int]


class SourceTrouble(TypedDict):
    """What a project finds wrong with its source, each a sentence; the step check passes it on."""

    broken: NotRequired[str]  # the step check fails of it
    unfit_to_train: NotRequired[str]  # it stops trainings alone


class PreprocessResult(SourceTrouble):
    """The step preprocess; a project may add counts of its own."""

    rows: int
    until: str  # how far the model rows are complete, empty slots included
    inserted: NotRequired[int]
    updated: NotRequired[int]
    mended: NotRequired[int | dict[str, int]]
    dirt: NotRequired[dict[str, int]]
    no_class: NotRequired[dict[str, int]]  # words of labels that are no class


CHANGED_ROWS = "changed_rows"  # as a fallback: the champion answers rows that are made otherwise than it learned


class Fallback(TypedDict):
    """What answers in the place of a champion that can't be loaded, or whose rows are made otherwise by now."""

    by: str  # previous_champion, the name of a naive rule, or changed_rows
    instead_of: int  # the champion's version
    reason: str


class InferenceResult(TypedDict):
    """The step inference; a project may add counts of its own."""

    predicted: int
    late: int
    version: int | None  # None where a naive rule answered
    stale: bool
    fallback: NotRequired[Fallback]


class CheckResult(TypedDict):
    """The step check."""

    newest: str
    looked_at: int
    unfit_to_train: NotRequired[str]


class TrainResult(TypedDict):
    """The step train."""

    version: int
    mlflow_run: str
    rows: int
    training_end: str
    data_hash: str
    chosen: Mapping[str, Any]
    forced: NotRequired[str]  # why it went on though the data was not fit to train on


class EvaluateResult(TypedDict):
    """The step evaluate; a probe that fired has a sentence."""

    probes: dict[str, str | None]
    rows: NotRequired[int]
    scores: NotRequired[dict[str, float]]
    slices: NotRequired[dict[str, float]]


class PromoteResult(TypedDict):
    """The steps promote and rollback, and the verbs of these names."""

    decision_id: str | None  # None where nothing was changed, so that nothing was written
    verdict: str
    version: int
    version_before: int | None
    version_after: int | None
    reasons: list[str]
    numbers: Mapping[str, Any]


class ScoreResult(TypedDict):
    """The step score: how many rows, and how many of each state."""

    scored: int
    scored_again: int
    live: NotRequired[int]
    late: NotRequired[int]
    void: NotRequired[int]
    fallback: NotRequired[int]
    shadow: NotRequired[int]  # rows that a dethroned champion answered beside the new one
    label_share: NotRequired[float]


class TrainingCall(TypedDict):
    """The training that monitoring calls for; one that was cut off is called for again as a run of another name."""

    calls_for_training: str | None  # its cause
    training_run: str | None


class ProbationResult(TypedDict):
    """What the champion before would have lost on the rows of the new one, so far or in the end."""

    decision_id: str
    at: str  # of the newest look, or of the end
    verdict: str  # running, better, alike, worse (and rolled back) or undecided
    version: int
    version_before: int
    reasons: list[str]


class MonitorResult(TrainingCall):
    """The step monitor."""

    decision_id: str
    version: int
    verdict: str
    reasons: list[str]
    metrics: dict[str, float]
    windows: list[dict[str, Any]]
    drifted: list[str]
    unwatched: list[str]  # features whose drift can't be told from chance, named at a check of drift
    past: bool  # then the decision is recorded and calls for nothing
    probation: ProbationResult | None  # of the champion, or of the one that it was put back for


class ResumeResult(TypedDict):
    """The verb resume."""

    decision_id: str | None  # None where nothing was changed, so that nothing was written
    forgiven: int  # retrains that count no more
    reasons: list[str]


class Failure(TypedDict):
    """What stands in the place of a result that could not be had."""

    error: str
