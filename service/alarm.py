"""The alarm: how the live loss stands against the baseline's, window by window."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Window:
    """One window of matured live rows, pooled by timestamp; without enough of them it has no ratio."""

    start: datetime
    end: datetime
    rows: int
    ratio: float | None

    def to_plain(self) -> dict[str, Any]:
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True)
class Alarm:
    """What the last windows say together."""

    windows: list[Window]  # newest first
    raised: bool
    since: datetime | None  # start of the oldest window above the threshold


def cut_windows(live: pd.DataFrame, at: datetime, *, days: int, count: int, min_rows: int) -> list[Window]:
    """Cut `live` (columns time, loss, baseline_loss) into `count` windows ending at `at`, newest first."""
    pooled = pool_by_time(live)
    span = timedelta(days=days)
    return [_measure_window(pooled, at - (i + 1) * span, at - i * span, min_rows) for i in range(count)]


def pool_by_time(live: pd.DataFrame) -> pd.DataFrame:
    """Average the losses of each moment; a row that lacks one of the two would weigh on the other alone."""
    return live.dropna(subset=["loss", "baseline_loss"]).groupby("time")[["loss", "baseline_loss"]].mean()


def judge_windows(windows: list[Window], *, threshold: float, k: int) -> Alarm:
    """Raise the alarm when `k` windows, the newest among them, are above the threshold."""
    above = [window for window in windows if window.ratio is not None and window.ratio > threshold]
    newest_is_above = bool(above) and above[0] is windows[0]
    raised = newest_is_above and len(above) >= k
    return Alarm(windows, raised, above[-1].start if raised else None)


def _measure_window(pooled: pd.DataFrame, start: datetime, end: datetime, min_rows: int) -> Window:
    inside = pooled[(pooled.index >= start) & (pooled.index < end)]
    baseline = float(inside["baseline_loss"].sum())
    if len(inside) < min_rows or not baseline > 0:
        return Window(start, end, len(inside), None)
    return Window(start, end, len(inside), float(inside["loss"].sum()) / baseline)
