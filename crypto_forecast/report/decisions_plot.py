"""Decisions on the time line: two lanes a config, coloured by verdict, with the reasons on hover."""

from datetime import datetime
from html import escape
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from crypto_forecast.report.events import Turn, list_turns, show_time
from crypto_forecast.report.plot_style import INK, PALE, VERDICT_LOOKS, place, style_plot, to_seoul
from crypto_forecast.report.records import Records


def plot_decisions(records: Records, span: tuple[datetime, datetime]) -> go.Figure:
    """Plot the quiet checks as a strip, and every other decision as a mark of its own."""
    lanes = [(config, lane) for config in reversed(list(records.specs)) for lane in ("promotion", "retrain")]
    heights = {lane: float(height) for height, lane in enumerate(lanes)}
    figure = go.Figure(draw_quiet(records, heights))
    turns = list_turns(records)
    for verdict in dict.fromkeys(turn.verdict for turn in turns):
        figure.add_trace(draw_verdict(verdict, [turn for turn in turns if turn.verdict == verdict], heights))
    style_plot(figure, height=150 + 44 * len(lanes), span=span)
    figure.update_layout(hovermode="closest")
    names = [f"{config}: {'promotion' if lane == 'promotion' else 'retrain?'}" for config, lane in lanes]
    figure.update_yaxes(tickvals=list(heights.values()), ticktext=names, range=[-0.6, len(lanes) - 0.4], gridcolor=PALE)
    return figure


def draw_quiet(records: Records, heights: dict[tuple[str, str], float]) -> go.Scatter:
    """Draw the checks that called for nothing, one tick a day with the reason of its last."""
    checks = [(d.at, d.config, (d.reasons or [""])[-1]) for d in records.decisions if d.verdict == "no"]
    quiet = pd.DataFrame(checks, columns=["at", "config", "reason"])
    days = to_seoul(quiet["at"]).dt.floor("D")
    last = quiet.groupby([days, quiet["config"]]).agg(reason=("reason", "last"), count=("reason", "size")).reset_index()
    return go.Scatter(
        x=last["at"] + pd.Timedelta(hours=12),
        y=[heights[(config, "retrain")] for config in last["config"]],
        mode="markers",
        marker={"symbol": "line-ns", "size": 8, "line": {"color": "#b8c0c8", "width": 1.5}},
        name="no (one tick a day)",
        text=[f"{n} checks: no<br>{break_lines([why])}" for n, why in zip(last["count"], last["reason"], strict=True)],
        hovertemplate="%{text}<extra></extra>",
    )


def draw_verdict(verdict: str, turns: list[Turn], heights: dict[tuple[str, str], float]) -> go.Scatter:
    """Draw the decisions with one verdict; a run of equal ones is a line from its first to its last."""
    colour, symbol = VERDICT_LOOKS.get(verdict, (INK, "circle"))
    points: list[tuple[str | None, float | None, str, str]] = []
    for turn in turns:
        label = f"  v{turn.version}" if turn.version is not None else ""
        for config in turn.configs:
            height = heights[(config, "retrain" if turn.subject == "retrain" else "promotion")]
            ends = dict.fromkeys((turn.at, turn.until))
            points += [(place(end), height, describe_turn(turn, config), label) for end in ends]
            points.append((None, None, "", ""))  # the line ends here
    x, y, hovers, labels = zip(*points, strict=True)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines+markers+text",
        marker={"symbol": symbol, "size": 13, "color": colour, "line": {"color": colour, "width": 2}},
        line={"color": colour, "width": 4},
        name=verdict.replace("_", " "),
        text=labels,
        textposition="middle right",
        hovertext=hovers,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def describe_turn(turn: Turn, config: str) -> str:
    """Tell a decision in the words of its hover."""
    version = f" version {turn.version}" if turn.version is not None else ""
    times = f" ({turn.count} checks, the last at {show_time(turn.until)})" if turn.count > 1 else ""
    head = f"<b>{config}{version}: {turn.verdict.replace('_', ' ')}</b><br>{show_time(turn.at)} KST{times}"
    return f"{head}<br>{break_lines(turn.reasons)}"


def break_lines(sentences: tuple[str, ...] | list[str]) -> str:
    """Break sentences into lines; plotly's texts know a few tags, so what is not ours is escaped."""
    return "<br>".join(escape(line, quote=False) for sentence in sentences for line in wrap(sentence, 90))
