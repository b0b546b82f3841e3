"""The live loss over the baseline's, week by week, as the alarm looks at it."""

from datetime import datetime, timedelta

import pandas as pd
import plotly.graph_objects as go

from crypto_forecast.report.plot_style import INK, SERIES, VERMILLION, break_gaps, place, style_plot, to_seoul
from crypto_forecast.report.records import Records
from service.spec import Spec

PAUSE = timedelta(days=1)


def plot_loss(records: Records, span: tuple[datetime, datetime]) -> go.Figure:
    """Plot the ratio of the last seven days per market, and what monitoring measured of all of them."""
    figure = go.Figure()
    for trace in draw_pooled(read_pooled(records)):
        figure.add_trace(trace)
    for (config, spec), colour in zip(records.specs.items(), SERIES, strict=False):
        rolled = roll_ratio(records.performance[records.performance["config"] == config], spec)
        figure.add_trace(
            go.Scatter(
                x=to_seoul(rolled["time"]),
                y=rolled["ratio"],
                name=spec.data.market,
                mode="lines",
                line={"color": colour, "width": 1.5},
                hovertemplate="%{y:.2f}",
            )
        )
    style_plot(figure, height=430, span=span)
    threshold = next(iter(records.specs.values())).monitoring.threshold
    figure.add_shape(
        type="line",
        x0=place(span[0]),
        x1=place(span[1]),
        y0=threshold,
        y1=threshold,
        line={"color": VERMILLION, "width": 1.5, "dash": "dash"},
    )
    figure.add_annotation(
        x=0,
        xref="paper",
        xanchor="left",
        y=threshold,
        yanchor="bottom",
        text=f"threshold {threshold:g}",
        showarrow=False,
        font={"color": VERMILLION, "size": 11},
    )
    figure.update_yaxes(title_text="live loss / baseline loss, 7 days", rangemode="tozero")
    return figure


def roll_ratio(rows: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """Divide the losses of each last window, one version at a time: as in monitoring, a new champion begins anew."""
    live = rows[rows["state"] == "live"].assign(time=lambda frame: frame["target_slot"] + spec.data.horizon)
    window, parts = f"{spec.monitoring.window_days}D", []
    for _, one in live.sort_values("time").groupby("version"):
        rolling = one.set_index("time")[["loss", "baseline_loss"]].rolling(window, min_periods=spec.monitoring.min_rows)
        sums = rolling.sum()
        parts.append((sums["loss"] / sums["baseline_loss"]).rename("ratio").reset_index())
    if not parts:
        return pd.DataFrame({"time": live["time"], "ratio": live["loss"]})
    return break_gaps(pd.concat(parts).sort_values("time", ignore_index=True), "time", PAUSE)


def read_pooled(records: Records) -> pd.DataFrame:
    """Read what the checks measured of all markets together: the ratio and its interval."""
    names = ["live_ratio", "live_ratio_low", "live_ratio_high"]
    pooled = [config for config, spec in records.specs.items() if spec.monitoring.pooled]
    metrics = records.metrics[records.metrics["config"].isin(pooled[:1]) & records.metrics["name"].isin(names)]
    wide = metrics.pivot_table(index="at", columns="name", values="value").reindex(columns=names)
    return break_gaps(wide.reset_index(names="time"), "time", PAUSE)


def draw_pooled(pooled: pd.DataFrame) -> list[go.Scatter]:
    """Draw the pooled ratio as a thick line in a band, which has a piece of its own on each side of a gap."""
    has_ratio = pooled["live_ratio"].notna()
    pieces = [_draw_band(piece) for _, piece in pooled[has_ratio].groupby((~has_ratio).cumsum()[has_ratio])]
    line = go.Scatter(
        x=to_seoul(pooled["time"]),
        y=pooled["live_ratio"],
        name="all together, with interval",
        mode="lines",
        line={"color": INK, "width": 3},
        hovertemplate="%{y:.2f}",
    )
    return [*(edge for piece in pieces for edge in piece), line]


def _draw_band(piece: pd.DataFrame) -> tuple[go.Scatter, go.Scatter]:
    edge = {
        "x": to_seoul(piece["time"]),
        "mode": "lines",
        "line": {"width": 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    return (
        go.Scatter(**edge, y=piece["live_ratio_low"]),
        go.Scatter(**edge, y=piece["live_ratio_high"], fill="tonexty", fillcolor="rgba(31,41,51,0.10)"),
    )
