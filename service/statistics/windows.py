"""The alarm: how the live loss stands against the baseline's, window by window."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

Limit = Callable[[int], float]  # the ratio above which a window of so many rows is too bad


@dataclass(frozen=True)
class Window:
    """One window of matured live rows; without enough of them, or of the labels that it waits for, it has no ratio."""

    start: datetime
    end: datetime
    rows: int
    ratio: float | None
    label_share: float | None = None  # of its predictions, where labels come late

    def to_plain(self) -> dict[str, Any]:
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True)
class Alarm:
    """What the last windows say together."""

    windows: list[Window]  # newest first
    raised: bool
    since: datetime | None  # start of the oldest window above its limit
    limit: float | None = None  # of the newest window


def cut_windows(
    live: pd.DataFrame,
    at: datetime,
    *,
    days: int,
    count: int,
    min_rows: int,
    predicted_at: "pd.Series[Any] | None" = None,
    min_share: float = 0.0,
) -> list[Window]:
    """Cut `live` (columns time, loss, baseline_loss, none missing) into `count` windows ending at `at`, newest first.

    `predicted_at` are the times of all predictions, where labels come late: a window with too few of its labels says
    nothing.
    """
    windows, span = [], timedelta(days=days)
    for place in range(count):
        start, end = at - (place + 1) * span, at - place * span
        inside = live[live["time"].between(start, end, inclusive="left")]
        share = None
        if predicted_at is not None:
            predictions = int(predicted_at.between(start, end, inclusive="left").sum())
            share = len(inside) / predictions if predictions else None
        loss, baseline = float(inside["loss"].sum()), float(inside["baseline_loss"].sum())
        silent = len(inside) < min_rows or not baseline > 0 or (share is not None and share < min_share)
        windows.append(Window(start, end, len(inside), None if silent else loss / baseline, share))
    return windows


def pool_by_time(live: pd.DataFrame) -> pd.DataFrame:
    """Average the losses of each moment; a row that lacks one of the two would weigh on the other alone."""
    whole = live.dropna(subset=["loss", "baseline_loss"])
    return whole.groupby("time", as_index=False)[["loss", "baseline_loss"]].mean()


def judge_windows(windows: list[Window], *, limit: Limit, k: int) -> Alarm:
    """Raise the alarm when `k` windows, the newest among them, are above their limit."""
    above = [window for window in windows if window.ratio is not None and window.ratio > limit(window.rows)]
    newest = windows[0]
    raised = bool(above) and above[0] is newest and len(above) >= k
    newest_limit = None if newest.ratio is None else limit(newest.rows)
    return Alarm(windows, raised, above[-1].start if raised else None, newest_limit)
