"""How every plot looks: colours that colour-blind eyes tell apart, Seoul's time, and the marks of what happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crypto_forecast.report.events import SEOUL

# The palette of Okabe and Ito.
BLUE, VERMILLION, GREEN, ORANGE, SKY, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"
INK, GREY, PALE = "#1f2933", "#7b8794", "#e4e7eb"
SERIES = (BLUE, ORANGE, PURPLE, GREEN, SKY, VERMILLION)
VERDICT_LOOKS = {  # colour and shape, so that nobody depends on the colour alone
    "promoted": (GREEN, "triangle-up"),
    "kept": (GREY, "square"),
    "too_early": (GREY, "square-open"),
    "retrain": (VERMILLION, "diamond"),
    "wait": (ORANGE, "line-ns"),
    "pending": (SKY, "line-ns"),
    "ask_a_human": (INK, "star"),
    "rolled_back": (PURPLE, "triangle-down"),
    "superseded": (GREY, "x"),
    "waiting": (BLUE, "circle"),
}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
LABEL_LEVELS = 3
LABEL_HEIGHT = 16


def to_seoul(moments: pd.Series) -> pd.Series:
    """Shift moments to Seoul's clock; plotly knows no time zones."""
    return pd.to_datetime(moments, utc=True).dt.tz_convert(SEOUL).dt.tz_localize(None)


def place(moment: datetime) -> str:
    """Write one moment as a place on the time axis."""
    return f"{moment.astimezone(SEOUL):%Y-%m-%d %H:%M:%S}"


def style_plot(figure: go.Figure, *, height: int, span: tuple[datetime, datetime]) -> go.Figure:
    """Give a plot the look of the page; all plots show the same span of time."""
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 105, "r": 20, "t": 30 + LABEL_LEVELS * LABEL_HEIGHT, "b": 70},
        font={"family": FONT, "size": 12, "color": INK},
        hovermode="x unified",
        hoverlabel={"bgcolor": "white"},
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "traceorder": "normal"},
        **dict.fromkeys(("paper_bgcolor", "plot_bgcolor"), "white"),
    )
    axis = {"gridcolor": PALE, "linecolor": GREY, "zeroline": False}
    labels = {"hoverformat": "%Y-%m-%d %H:%M KST", "tickformat": "%b %d"}
    ends = [place(span[0]), place(span[1])]
    figure.update_xaxes(**axis, **labels, range=ends, showgrid=True, rangeslider_visible=False)
    figure.update_yaxes(**axis)
    return figure


def mark_moments(
    figure: go.Figure, marks: Sequence[tuple[datetime, str]], span: tuple[datetime, datetime]
) -> go.Figure:
    """Draw a line with a label for each moment; labels of near moments stand on different levels."""
    last, level = span[0] - (span[1] - span[0]), 0
    for at, label in (mark for mark in marks if span[0] <= mark[0] <= span[1]):
        share = (at - span[0]) / (span[1] - span[0])
        level = (level + 1) % LABEL_LEVELS if (at - last) / (span[1] - span[0]) < 0.25 else 0
        last = at
        line, x = {"color": INK, "width": 1, "dash": "dot"}, place(at)
        figure.add_shape(type="line", x0=x, x1=x, y0=0, y1=1, yref="paper", line=line)
        top: dict[str, Any] = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": level * LABEL_HEIGHT}
        side, text = "right" if share > 0.75 else "left", f"<b>{label}</b>"
        figure.add_annotation(x=x, xanchor=side, **top, text=text, showarrow=False, font={"size": 11})
    return figure


def draw_line(rows: pd.DataFrame, column: str, name: str, colour: str, width: float) -> go.Scatter:
    """Draw a column of rows over their time, which is Seoul's."""
    line = {"color": colour, "width": width}
    return go.Scatter(x=rows["time"], y=rows[column], name=name, mode="lines", line=line, hovertemplate="%{y:.2f}")


def draw_band(rows: pd.DataFrame, low: str, high: str, colour: str, **look: str) -> tuple[go.Scatter, go.Scatter]:
    """Draw the two edges of a band between two columns of rows over their time, which is Seoul's."""
    edge = {"x": rows["time"], "mode": "lines", "line": {"width": 0}, "showlegend": False, **look}
    upper = go.Scatter(**edge, y=rows[high], name="interval to", fill="tonexty", fillcolor=colour)
    return go.Scatter(**edge, y=rows[low], name="interval from"), upper


def break_gaps(rows: pd.DataFrame, time: str, longest: timedelta) -> pd.DataFrame:
    """Put an empty row into every longer pause, so that no line is drawn across it."""
    after_pause = rows[rows[time].diff() > longest]
    holes = pd.DataFrame({time: after_pause[time] - longest / 2})
    return pd.concat([rows, holes]).sort_values(time, ignore_index=True) if len(holes) else rows
