"""Walk-forward predictions, each row by a fit that ended before it, and a grid search by the same rule."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

Model = TypeVar("Model")
Prepared = TypeVar("Prepared")


class Cut(NamedTuple):
    """The rows that a fit may have seen, and those that it predicts."""

    seen: pd.DataFrame
    ahead: pd.DataFrame


@dataclass(frozen=True)
class Purge:
    """What keeps the rows of a fit apart from those that it predicts.

    A fit sees the rows whose `time` plus the gap (purge and embargo) is not after its own moment, and of those only the
    ones whose label had come by then, where the column `label_at` says when it came.
    """

    gap: timedelta
    time: str = "target_slot"
    label_at: str | None = None


def walk_forward(
    rows: pd.DataFrame,
    *,
    fit: Callable[[pd.DataFrame], Model],
    predict: Callable[[Model, pd.DataFrame], pd.DataFrame],
    end: datetime,
    days: int,
    every: timedelta,
    purge: Purge,
) -> pd.DataFrame:
    """Predict the rows of the last `days` before `end`, with a new fit after each interval `every`."""
    count = -(-timedelta(days=days) // every)
    moments = [end - every * place for place in range(count, -1, -1)]
    moments[0] = end - timedelta(days=days)
    predicted = [predict(fit(seen), ahead) for seen, ahead in cut_rows(rows, moments, purge)]
    return pd.concat(predicted) if predicted else pd.DataFrame(columns=["predicted"])


def search_grid(
    rows: pd.DataFrame,
    grid: Sequence[Mapping[str, Any]],
    folds: int,
    purge: Purge,
    *,
    prepare: Callable[[pd.DataFrame], Prepared],
    fit: Callable[[Prepared, Mapping[str, Any]], Model],
    measure: Callable[[Model, pd.DataFrame], float],
    record: Callable[[Mapping[str, Any], Mapping[str, float]], None],
) -> dict[str, Any]:
    """Choose the trial with the least mean loss over time-series folds, and record every trial.

    What all trials of a fold share is prepared once.
    """
    losses: list[list[float]] = [[] for _ in grid]
    first, last = rows[purge.time].min(), rows[purge.time].max() + pd.Timedelta(microseconds=1)
    moments = [first + (last - first) * part / (folds + 1) for part in range(1, folds + 2)]
    for seen, ahead in cut_rows(rows, moments, purge):
        prepared = prepare(seen)
        for trial, trial_losses in zip(grid, losses, strict=True):
            trial_losses.append(measure(fit(prepared, trial), ahead))
    means = [float(np.mean(trial_losses)) if trial_losses else float("nan") for trial_losses in losses]
    for trial, trial_losses, mean in zip(grid, losses, means, strict=True):
        record(trial, {"loss": mean, **{f"loss_fold_{place}": loss for place, loss in enumerate(trial_losses, 1)}})
    return dict(min(zip(grid, means, strict=True), key=lambda trial: trial[1])[0]) if grid else {}


def cut_rows(rows: pd.DataFrame, moments: Sequence[datetime], purge: Purge) -> Iterator[Cut]:
    """Part rows at each moment but the last: those that a fit of then may see, and those up to the next moment."""
    times = rows[purge.time]
    for at, following in pairwise(moments):
        known = times <= at - purge.gap
        if purge.label_at is not None:
            known &= rows[purge.label_at] <= at
        seen, ahead = rows[known], rows[times.between(at, following, inclusive="left")]
        if len(seen) and len(ahead):
            yield Cut(seen, ahead)
