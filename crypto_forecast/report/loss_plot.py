"""The live loss over the baseline's, week by week, as the alarm looks at it."""

from datetime import datetime, timedelta

import pandas as pd
import plotly.graph_objects as go

from crypto_forecast.report.plot_style import (
    INK,
    SERIES,
    VERMILLION,
    break_gaps,
    draw_band,
    draw_line,
    style_plot,
    to_seoul,
)
from crypto_forecast.report.records import Records
from service.spec import Spec

PAUSE = timedelta(days=1)


def plot_loss(records: Records, span: tuple[datetime, datetime]) -> go.Figure:
    """Plot the ratio of the last seven days per market, and what monitoring measured of all of them."""
    figure = go.Figure(draw_pooled(read_pooled(records)))
    for (config, spec), colour in zip(records.specs.items(), SERIES, strict=False):
        rolled = roll_ratio(records.performance[records.performance["config"] == config], spec)
        rolled = rolled.assign(time=to_seoul(rolled["time"]))
        figure.add_trace(draw_line(rolled, "ratio", spec.data.market, colour, 1.5))
    style_plot(figure, height=430, span=span)
    threshold = next(iter(records.specs.values())).monitoring.threshold
    line, note = {"color": VERMILLION, "width": 1.5, "dash": "dash"}, {"font": {"color": VERMILLION, "size": 11}}
    text = f"threshold {threshold:g}"
    figure.add_hline(threshold, line=line, annotation=note, annotation_text=text, annotation_position="top left")
    figure.update_yaxes(title_text="live loss / baseline loss, 7 days", rangemode="tozero")
    return figure


def roll_ratio(rows: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """Divide the losses of each last window, one version at a time: as in monitoring, a new champion begins anew."""
    live = rows[rows["state"] == "live"].assign(time=lambda frame: frame["target_slot"] + spec.data.horizon)
    if live.empty:
        return live[["time"]].assign(ratio=live["loss"])
    by_version = live.sort_values("time").set_index("time").groupby("version")[["loss", "baseline_loss"]]
    sums = by_version.rolling(f"{spec.monitoring.window_days}D", min_periods=spec.monitoring.min_rows).sum()
    ratio = (sums["loss"] / sums["baseline_loss"]).rename("ratio").reset_index()
    return break_gaps(ratio.sort_values("time", ignore_index=True), "time", PAUSE)


def read_pooled(records: Records) -> pd.DataFrame:
    """Read what the checks measured of all markets together: the ratio and its interval."""
    names = ["live_ratio", "live_ratio_low", "live_ratio_high"]
    pooled = [config for config, spec in records.specs.items() if spec.monitoring.pooled]
    metrics = records.metrics[records.metrics["config"].isin(pooled[:1]) & records.metrics["name"].isin(names)]
    wide = metrics.pivot_table(index="at", columns="name", values="value").reindex(columns=names)
    return break_gaps(wide.reset_index(names="time"), "time", PAUSE)


def draw_pooled(pooled: pd.DataFrame) -> list[go.Scatter]:
    """Draw the pooled ratio as a thick line in a band, which has a piece of its own on each side of a gap."""
    pooled, has_ratio = pooled.assign(time=to_seoul(pooled["time"])), pooled["live_ratio"].notna()
    traces: list[go.Scatter] = []
    for _, piece in pooled[has_ratio].groupby((~has_ratio).cumsum()[has_ratio]):
        traces += draw_band(piece, "live_ratio_low", "live_ratio_high", "rgba(31,41,51,0.10)", hoverinfo="skip")
    return [*traces, draw_line(pooled, "live_ratio", "all together, with interval", INK, 3)]
