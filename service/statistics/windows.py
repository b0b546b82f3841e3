"""The alarm: how the live loss stands against the baseline's, window by window."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

Limit = Callable[[int], float]  # the ratio or loss above which a window of so many rows is too bad
Measure = Literal["ratio", "loss"]


@dataclass(frozen=True)
class Window:
    """One window of matured live rows; without enough of them, or of the labels that it waits for, it has no ratio."""

    start: datetime
    end: datetime
    rows: int
    ratio: float | None
    label_share: float | None = None  # of its predictions, where labels come late
    loss: float | None = None  # the mean of the model's own

    def to_plain(self) -> dict[str, Any]:
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True)
class Alarm:
    """What the last windows say together."""

    windows: list[Window]  # newest first
    raised: bool
    since: datetime | None  # start of the oldest window above its limit
    limit: float | None = None  # of the newest window
    loss_limit: float | None = None  # of the newest window's own loss
    by: tuple[Measure, ...] = ("ratio",)  # what raised it


@dataclass(frozen=True)
class Labels:
    """The times of all predictions of a champion, and of those whose label has come."""

    predicted_at: "pd.Series[Any]"
    labelled_at: "pd.Series[Any]"

    def share(self, start: datetime, end: datetime) -> float | None:
        """Say which share of the predictions of a window has its label."""
        predicted, labelled = (
            int(times.between(start, end, inclusive="left").sum()) for times in (self.predicted_at, self.labelled_at)
        )
        return labelled / predicted if predicted else None


def cut_windows(
    live: pd.DataFrame,
    at: datetime,
    *,
    days: int,
    count: int,
    min_rows: int,
    labels: Labels | None = None,
    min_share: float = 0.0,
) -> list[Window]:
    """Cut `live` (columns time, loss, baseline_loss, none missing) into `count` windows ending at `at`, newest first.

    Where labels come late, a window with too few of them says nothing.
    """
    windows, span = [], timedelta(days=days)
    for place in range(count):
        start, end = at - (place + 1) * span, at - place * span
        inside = live[live["time"].between(start, end, inclusive="left")]
        share = labels.share(start, end) if labels else None
        loss, baseline = float(inside["loss"].sum()), float(inside["baseline_loss"].sum())
        silent = len(inside) < min_rows or not baseline > 0 or (share is not None and share < min_share)
        ratio, mean = (None, None) if silent else (loss / baseline, loss / len(inside))
        windows.append(Window(start, end, len(inside), ratio, share, mean))
    return windows


def pool_by_time(live: pd.DataFrame) -> pd.DataFrame:
    """Average the losses of each moment; a row that lacks one of the two would weigh on the other alone."""
    whole = live.dropna(subset=["loss", "baseline_loss"])
    return whole.groupby("time", as_index=False)[["loss", "baseline_loss"]].mean()


def judge_windows(windows: list[Window], *, limit: Limit, k: int, loss_limit: Limit | None = None) -> Alarm:
    """Raise the alarm when `k` windows, the newest among them, are above their limit, by the ratio or by the loss."""
    begun: dict[Measure, datetime] = {}
    limits: dict[Measure, Limit] = {"ratio": limit, **({"loss": loss_limit} if loss_limit else {})}
    for measure, most in limits.items():
        above = [w for w in windows if (value := getattr(w, measure)) is not None and value > most(w.rows)]
        if above and above[0] is windows[0] and len(above) >= k:
            begun[measure] = above[-1].start
    newest = windows[0]
    of_newest = {measure: None if newest.ratio is None else most(newest.rows) for measure, most in limits.items()}
    since = min(begun.values(), default=None)
    return Alarm(windows, bool(begun), since, of_newest["ratio"], of_newest.get("loss"), tuple(begun))
