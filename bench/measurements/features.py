"""Features of a long history in full, and of a hundred new candles at its end."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

from bench.candles import end_of, invent_candles
from bench.own_platform import make_run, make_spec, open_own_database
from bench.row import Row, Target
from bench.stopwatch import time_in_turn, time_work
from crypto_forecast.core.preprocess import preprocess
from crypto_forecast.loader.candle_slots import name_series
from crypto_forecast.preprocessor.grid import rank_window
from crypto_forecast.preprocessor.preprocess import NARROWEST, build_features, measure_range
from db_handler.connection.database import Database
from db_handler.ledger.watermarks import move_watermark
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.tables.ensure_table import ensure_table
from service.spec import Spec

Floats = NDArray[np.float64]
# A million slots of four hours are 456 years.
START = datetime(1600, 1, 1, tzinfo=UTC)
CHUNK = 100_000
SAME = 1e-9
FULL = Target(0.5, "limit", "half of bare numpy's speed, as polars has it")
EQUAL = Target(0.8, "peer", "the same cost on both")


@dataclass(frozen=True)
class Sizes:
    """How long the histories are, how many candles are new each time, how often each side has its turn."""

    long: int = 1_000_000
    short: int = 10_000
    new: int = 100
    rounds: int = 4
    cycles: int = 7


def measure_features(tiny: bool) -> Iterator[Row]:
    sizes = Sizes(long=2_000, short=1_000, new=20, rounds=1, cycles=1) if tiny else Sizes()
    spec = make_spec(data={"start": START})
    candles = invent_candles(sizes.long + sizes.cycles * sizes.new, start=START)
    yield from measure_full(spec, candles.head(sizes.long), sizes)
    yield from measure_news(spec, candles, sizes)


def measure_full(spec: Spec, candles: pd.DataFrame, sizes: Sizes) -> Iterator[Row]:
    """Time all rows at once; only ours handles empty slots."""
    ranges, width = measure_range(candles), spec.features.alert_slots
    ways = {
        "ours": lambda: build_features(spec, candles, begin=START, until=end_of(candles)),
        "pandas": lambda: build_with_pandas(spec, candles),
        "numpy": lambda: derive_with_numpy(spec, candles),
        "rank": lambda: rank_window(ranges, width, spec.features.alert_quantile),
    }
    ours, pandas, numpy, rank = (1000 * each for each in time_in_turn(ways, rounds=sizes.rounds).values())
    note = (
        f"all three have pandas find the rolling quantile of {width} candles, which takes {rank:,.0f} ms; only ours "
        "knows empty slots, does not drift, and forgets at a fixed lookback"
    )
    row = partial(Row, unit="ms", peer="pandas: rolling, ewm, shift", limit_name="bare numpy", target=FULL)
    work, flaw = f"18 columns of features from {sizes.long:,} candles, frame to frame", compare_columns(spec, candles)
    yield row(work=work, ours=ours, theirs=pandas, limit=numpy + rank, note=note, flaw=flaw)
    yield row(work="the same but for its rolling quantile", ours=ours - rank, theirs=pandas - rank, limit=numpy)


def compare_columns(spec: Spec, candles: pd.DataFrame) -> str:
    """Name the columns in which pandas differs, beyond what an EWMA that never forgets explains."""
    ours, theirs = build_features(spec, candles, begin=START, until=end_of(candles)), build_with_pandas(spec, candles)
    names = [name for name in theirs.columns if theirs[name].dtype == float]
    differ = [name for name in names if not np.allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-7, equal_nan=True)]
    return f"pandas has other numbers in {', '.join(differ)}" if differ else ""


def measure_news(spec: Spec, candles: pd.DataFrame, sizes: Sizes) -> Iterator[Row]:
    """Time the step preprocess, from the table of candles to the table of features, each cycle with new candles."""
    lengths = (sizes.long, sizes.short)
    series = {length: candles.tail(length + sizes.cycles * sizes.new) for length in lengths}
    best = dict.fromkeys(lengths, float("inf"))
    with ExitStack() as stack:
        databases = {length: stack.enter_context(open_own_database()) for length in lengths}
        for length in lengths:
            fill_history(databases[length], spec, series[length].head(length))
        for cycle in range(sizes.cycles):
            for length in lengths:
                first = length + cycle * sizes.new
                seconds = run_cycle(databases[length], spec, series[length].iloc[first : first + sizes.new])
                best[length] = min(best[length], seconds)
        worst = find_difference(databases[sizes.long], spec, candles, sizes.new * sizes.cycles)
    whole = time_work(lambda: build_with_pandas(spec, candles))
    work = f"features of {sizes.new} new candles after {sizes.long:,}, table to table"
    row = partial(Row, work, "ms", 1000 * best[sizes.long])
    differ = "the numbers differ from those over everything by"
    note, flaw = f"{differ} at most {worst:.0e}", "" if worst <= SAME else f"{differ} {worst:.0e}"
    yield row(f"the same after {sizes.short:,}", 1000 * best[sizes.short], target=EQUAL, note=note, flaw=flaw)
    yield row("pandas over everything again, without reading or storing it", 1000 * whole)


def fill_history(database: Database, spec: Spec, candles: pd.DataFrame) -> None:
    """Store candles and features as many cycles would have left them."""
    begin = candles["slot"].iloc[0].to_pydatetime()
    features = build_features(spec, candles, begin=begin, until=end_of(candles))
    for table, rows, what in ((spec.data.raw, candles, "raw"), (spec.data.features, features, "features")):
        ensure_table(database, table)
        for first in range(0, len(rows), CHUNK):
            with database.begin() as connection:
                upsert_rows(connection, table, rows.iloc[first : first + CHUNK])
        with database.begin() as connection:
            move_watermark(connection, spec.project, name_series(spec, what), end_of(candles))


def run_cycle(database: Database, spec: Spec, news: pd.DataFrame) -> float:
    """Store new candles and time their features."""
    end = end_of(news)
    with database.begin() as connection:
        upsert_rows(connection, spec.data.raw, news)
        move_watermark(connection, spec.project, name_series(spec), end)
    run = make_run(database, spec, end)
    return time_work(lambda: preprocess(spec, run))


def find_difference(database: Database, spec: Spec, candles: pd.DataFrame, news: int) -> float:
    """Measure the greatest difference between what the cycles stored and one computation over everything."""
    at_once = build_features(spec, candles, begin=START, until=end_of(candles)).tail(news)
    since = at_once["slot"].iloc[0].to_pydatetime()
    with database.begin(writing=False) as connection:
        stored = read_rows(connection, spec.data.features, since=("slot", since))
    names = [*spec.features.columns, "alert_threshold", "target", "target_return"]
    ours, theirs = stored[names].to_numpy(float), at_once[names].to_numpy(float)
    if len(stored) != news or (np.isnan(ours) != np.isnan(theirs)).any():
        return float("inf")
    return float(np.nanmax(np.abs(ours - theirs)))


def build_with_pandas(spec: Spec, candles: pd.DataFrame) -> pd.DataFrame:
    """Compute the columns by rolling, ewm and shift; the EWMAs have no cut-off, so they differ from ours by 1e-9."""
    features, day = spec.features, 1440 // int(spec.data.unit)
    close, volume = candles["trade_price"], candles["volume"]
    ranges = take_log(take_log(candles["high_price"] / candles["low_price"]).clip(lower=NARROWEST))
    step = take_log(close / close.shift(1))
    opens = candles["slot"] + pd.Timedelta(minutes=spec.data.unit)
    same_slot = [ranges.shift(day - 1 + day * back) for back in range(features.day_lags)]
    rise = step.clip(lower=0).rolling(features.rsi_length).mean()
    width = max(features.means)
    columns = {
        "market": candles["market"],
        "unit": candles["unit"],
        "slot": candles["slot"],
        "target_slot": opens,
        "target_hour": opens.dt.hour.astype(float),
        "target_weekday": opens.dt.day_of_week.astype(float),
        "last_range": ranges,
        **{f"ewma_{span}": ranges.ewm(span=span).mean() for span in features.spans},
        **{f"mean_{size}": ranges.rolling(size, min_periods=size // 2).mean() for size in features.means},
        f"same_slot_{features.day_lags}": pd.concat(same_slot, axis=1).mean(axis=1),
        "return_1": step,
        f"return_{day}": take_log(close / close.shift(day)),
        f"rsi_{features.rsi_length}": rise / step.abs().rolling(features.rsi_length).mean(),
        "volume_ratio": take_log(volume / volume.rolling(width).mean()),
        "alert_threshold": ranges.rolling(features.alert_slots).quantile(features.alert_quantile),
        "target": ranges.shift(-1),
        "target_return": step.shift(-1),
    }
    return pd.DataFrame({**columns, "target_empty": False}).iloc[features.ewma_lookback - 1 :]


def take_log(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.Series(np.log(values))


def derive_with_numpy(spec: Spec, candles: pd.DataFrame) -> dict[str, Any]:
    """Compute the columns by running totals, which drift; no index, no empty slots. numpy has no rolling quantile."""
    features, day = spec.features, 1440 // int(spec.data.unit)
    close, volume = candles["trade_price"].to_numpy(), candles["volume"].to_numpy()
    wide = np.log(candles["high_price"].to_numpy() / candles["low_price"].to_numpy())
    ranges = np.log(np.maximum(wide, NARROWEST))
    logs = np.log(close)
    step = np.diff(logs, prepend=np.nan)
    step_or_zero = np.nan_to_num(step)
    length, width = features.rsi_length, max(features.means)
    return {
        "last_range": ranges,
        **{f"ewma_{span}": lfilter([2 / (span + 1)], [1, 2 / (span + 1) - 1], ranges) for span in features.spans},
        **{f"mean_{size}": roll_mean(ranges, size) for size in features.means},
        "same_slot": roll_days(ranges, day, features.day_lags),
        "return_1": step,
        "return_day": logs[day:] - logs[:-day],
        "rsi": roll_mean(np.maximum(step_or_zero, 0), length) / roll_mean(np.abs(step_or_zero), length),
        "volume_ratio": np.log(volume[width - 1 :] / roll_mean(volume, width)),
        "target": ranges[1:],
        "target_return": step[1:],
    }


def roll_mean(values: Floats, width: int) -> Floats:
    total = np.cumsum(values)
    total[width:] -= total[:-width].copy()
    mean: Floats = total[width - 1 :] / width
    return mean


def roll_days(values: Floats, day: int, days: int) -> Floats:
    rows: Floats = values[: len(values) // day * day].reshape(-1, day)
    return np.apply_along_axis(roll_mean, 0, rows, days)
