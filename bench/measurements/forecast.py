"""How good crypto_forecast's forecast is, month by month over the candles that ship with it, beside simple rules."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from bench.row import Row
from crypto_forecast.trainer.rules import EWMA, INPUTS
from crypto_forecast.trainer.train import choose_trial, fit_model, predict_rows
from service.spec import Spec
from service.spec.load_spec import load_spec
from tests.crypto_forecast.real_rows import read_all_rows

HAR, CHANCE = "HAR with time of day", "hits that don't depend on each other"
WIDTH = 0.8  # of the interval
FIRST, LAST = "2024-10-01", "2025-07-01"  # each month between them is forecast by a model of everything before it


def measure_forecast(tiny: bool) -> Iterator[Row]:
    """Forecast each month and hold the forecast, its alerts and its interval against what came."""
    spec = load_spec("crypto_forecast", "btc")
    if tiny:
        spec = spec.with_trial({"iterations": 10})
    months = pd.date_range("2025-05-01" if tiny else FIRST, LAST, freq="MS", tz="UTC")
    shipped = read_all_rows().dropna(subset=["target", *INPUTS])
    rows = forecast_months(spec, shipped, months).dropna(subset=["predicted", "rule_har_tod"])
    for name, part in [("all markets", rows), *rows.groupby("market")]:
        ratio = measure_error(part, "predicted") / measure_error(part, "rule_har_tod")
        yield Row(f"squared error of the forecast, {name}", "of HAR's", ratio, HAR, 1.0)
    flagged = rows.dropna(subset=["alert"])
    ours, theirs = (measure_f1(flagged, flagged[name].astype(bool)) for name in ("alert", "simple_alert"))
    share = f"it flags {flagged['alert'].mean():.1%} of the candles"
    yield Row(
        "alert: range above its own 80th percentile of 90 days", "F1", ours, "EWMA's top fifth", theirs, note=share
    )
    yield describe_coverage(rows)


def forecast_months(spec: Spec, rows: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Forecast each month by a fit of everything before it; the grid is searched before the first."""
    times, gap = rows["target_slot"], spec.purge + spec.train.embargo
    fixed = spec.with_trial(choose_trial(spec, rows[times <= months[0] - gap], ignore))
    parts = []
    for begin, end in pairwise(months):
        seen, ahead = rows[times <= begin - gap], rows[(times >= begin) & (times < end)]
        above = (seen[EWMA] - seen["alert_threshold"]).groupby(seen["market"]).quantile(spec.features.alert_quantile)
        simple = ahead[EWMA] > ahead["alert_threshold"] + ahead["market"].map(above)
        predicted = predict_rows(fit_model(fixed, seen, ignore), ahead)
        known = ahead[["market", "target", "alert_threshold"]]
        parts.append(known.join(predicted).assign(month=f"{begin:%Y-%m}", simple_alert=simple))
    return pd.concat(parts)


def measure_error(rows: pd.DataFrame, name: str) -> float:
    """Measure the mean squared error of a column."""
    return float(((rows["target"] - rows[name]) ** 2).mean())


def measure_f1(rows: pd.DataFrame, flags: "pd.Series[bool]") -> float:
    """Measure F1 of flags for ranges above the threshold."""
    wide = rows["target"] > rows["alert_threshold"]
    return float(2 * (flags & wide).sum() / (flags.sum() + wide.sum()))


def describe_coverage(rows: pd.DataFrame) -> Row:
    """Say how far the share that the interval holds varies by coin and month, beside what chance alone makes of it."""
    held = rows["target"].between(rows["predicted_low"], rows["predicted_high"])
    months = held.groupby([rows["market"], rows["month"]])
    shares, size = months.mean(), float(months.size().mean())
    chance = 100 * float(np.sqrt(WIDTH * (1 - WIDTH) / size))
    note = f"mean {held.mean():.3f}, coin-months {shares.min():.2f} to {shares.max():.2f}"
    spread = 100 * float(np.sqrt(((shares - WIDTH) ** 2).mean()))
    return Row(
        "coverage of the 80 % interval: distance from it by coin and month", "points", spread, CHANCE, chance, note=note
    )


def ignore(_params: object, _metrics: object) -> None:
    """Record nothing."""
