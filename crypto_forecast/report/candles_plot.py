"""Candles of one market, and under them the range that was predicted for each beside the one that came."""

from datetime import datetime

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from crypto_forecast.preprocessor.preprocess import widen_percent
from crypto_forecast.report.plot_style import BLUE, INK, SKY, VERMILLION, draw_band, draw_line, style_plot, to_seoul
from crypto_forecast.report.records import Records

WIDE = 30.0  # a span of ranges that a plain axis can't show: its largest over its smallest


def plot_candles(records: Records, config: str, span: tuple[datetime, datetime]) -> go.Figure:
    """Plot the candles above, the predicted and the actual range below."""
    candles = _of(records.candles, config)
    outcome = ["target_slot", "truth", "covered", "state"]
    performance = _of(records.performance, config)[outcome]
    predicted = _of(records.predictions, config).merge(performance, on="target_slot", how="left")
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.5, 0.5], vertical_spacing=0.05)
    figure.add_trace(draw_candles(candles[(candles["slot"] >= span[0]) & (candles["slot"] <= span[1])]), row=1, col=1)
    ranges = measure_ranges(predicted)
    for trace in draw_ranges(ranges):
        figure.add_trace(trace, row=2, col=1)
    style_plot(figure, height=560, span=span)
    figure.update_yaxes(title_text=records.specs[config].data.market, row=1, col=1)
    figure.update_yaxes(title_text="range, %", row=2, col=1)
    if is_wide(ranges["actual"]):
        ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]
        figure.update_yaxes(type="log", title_text="range, % (log axis)", tickvals=ticks, row=2, col=1)
    return figure


def draw_candles(candles: pd.DataFrame) -> go.Candlestick:
    """Draw the candles; blue rose, vermillion fell."""
    return go.Candlestick(
        x=to_seoul(candles["slot"]),
        open=candles["opening_price"],
        high=candles["high_price"],
        low=candles["low_price"],
        close=candles["trade_price"],
        increasing={"line": {"color": BLUE, "width": 1}, "fillcolor": BLUE},
        decreasing={"line": {"color": VERMILLION, "width": 1}, "fillcolor": VERMILLION},
        name="candle",
        showlegend=False,
    )


def measure_ranges(predicted: pd.DataFrame) -> pd.DataFrame:
    """Say the log ranges in percent: predicted with its interval, and actual as far as it is known."""
    columns = {"predicted": "predicted", "predicted_low": "low", "predicted_high": "high", "truth": "actual"}
    percent = {name: widen_percent(predicted[column].to_numpy(float)) for column, name in columns.items()}
    outside = ~predicted["covered"].astype("boolean").fillna(True).astype(bool)
    return pd.DataFrame({"time": to_seoul(predicted["target_slot"]), **percent, "outside": outside})


def draw_ranges(ranges: pd.DataFrame) -> list[go.Scatter]:
    """Draw the interval as a band, the prediction as a line, what came as dots; those outside stand out."""
    percent = "%{y:.2f} %"
    square = {"symbol": "square", "size": 11, "color": SKY}
    cross = {"color": VERMILLION, "size": 6, "symbol": "x-thin", "line": {"color": VERMILLION, "width": 1.5}}
    traces = [
        *draw_band(ranges, "low", "high", "rgba(86,180,233,0.35)", hovertemplate=percent),
        # The band has no entry in the legend, so this stands for it.
        go.Scatter(x=[None], y=[None], mode="markers", marker=square, opacity=0.5, name="80 % interval"),
        draw_line(ranges, "predicted", "predicted range", BLUE, 1.5).update(hovertemplate=percent),
    ]
    looks = {"actual range": {"color": INK, "size": 3.5}, "actual, outside the interval": cross}
    for outside, (name, marker) in enumerate(looks.items()):
        dots = ranges[ranges["outside"] == bool(outside)]
        look = {"mode": "markers", "hovertemplate": percent, "name": name, "marker": marker}
        traces.append(go.Scatter(**look, x=dots["time"], y=dots["actual"]))
    return traces


def is_wide(actual: pd.Series) -> bool:
    """Say whether the ranges need a log axis."""
    values = actual.dropna()
    return len(values) > 0 and values.quantile(0.99) > WIDE * values.quantile(0.01)


def _of(frame: pd.DataFrame, config: str) -> pd.DataFrame:
    return frame[frame["config"] == config].drop(columns="config")
